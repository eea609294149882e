*** Settings ***
Documentation     The three networks of the papers on the three boards.
Resource          tinyrig.resource
Test Template     Network Should Run On Board

*** Test Cases ***                 MODEL          BOARD
EEGformer On STM32F427             eegformer      stm32f427
    [Tags]    smoke    model:eegformer    board:stm32f427
EEGformer On STM32F746             eegformer      stm32f746
    [Tags]    model:eegformer    board:stm32f746
EEGformer On STM32H743             eegformer      stm32h743
    [Tags]    model:eegformer    board:stm32h743
ECGformer On STM32F427             ecgformer      stm32f427
    [Tags]    model:ecgformer    board:stm32f427
ECGformer On STM32F746             ecgformer      stm32f746
    [Tags]    smoke    model:ecgformer    board:stm32f746
ECGformer On STM32H743             ecgformer      stm32h743
    [Tags]    model:ecgformer    board:stm32h743
TR-Former On STM32F427             trformer       stm32f427
    [Tags]    model:trformer    board:stm32f427
TR-Former On STM32F746             trformer       stm32f746
    [Tags]    model:trformer    board:stm32f746
TR-Former On STM32H743             trformer       stm32h743
    [Tags]    smoke    model:trformer    board:stm32h743
