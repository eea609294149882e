*** Settings ***
Documentation     The networks of the papers on the three boards: every output byte, and that they fit.
Resource          tinyrig.resource
Test Template     Network Should Run

*** Test Cases ***
EEGformer On STM32F427
    [Tags]    model:eegformer    board:stm32f427    lane:embedded
    eegformer    stm32f427
EEGformer On STM32F746
    [Tags]    model:eegformer    board:stm32f746    lane:embedded
    eegformer    stm32f746
EEGformer On STM32H743
    [Tags]    model:eegformer    board:stm32h743    lane:embedded
    eegformer    stm32h743
ECGformer On STM32F427
    [Tags]    model:ecgformer    board:stm32f427    lane:embedded
    ecgformer    stm32f427
ECGformer On STM32F746
    [Tags]    model:ecgformer    board:stm32f746    lane:embedded
    ecgformer    stm32f746
ECGformer On STM32H743
    [Tags]    model:ecgformer    board:stm32h743    lane:embedded
    ecgformer    stm32h743
TR-Former On STM32F427
    [Tags]    model:trformer    board:stm32f427    lane:embedded
    trformer    stm32f427
TR-Former On STM32F746
    [Tags]    model:trformer    board:stm32f746    lane:embedded
    trformer    stm32f746
TR-Former On STM32H743
    [Tags]    model:trformer    board:stm32h743    lane:embedded
    trformer    stm32h743
