*** Settings ***
Documentation     Peak RAM, flash and instructions against results/budgets.toml.
Resource          tinyrig.resource
Test Template     Network Should Keep Its Budget

*** Test Cases ***
EEGformer On STM32F427
    [Tags]    model:eegformer    board:stm32f427    lane:embedded    budget
    eegformer    stm32f427
EEGformer On STM32F746
    [Tags]    model:eegformer    board:stm32f746    lane:embedded    budget
    eegformer    stm32f746
EEGformer On STM32H743
    [Tags]    model:eegformer    board:stm32h743    lane:embedded    budget
    eegformer    stm32h743
ECGformer On STM32F427
    [Tags]    model:ecgformer    board:stm32f427    lane:embedded    budget
    ecgformer    stm32f427
ECGformer On STM32F746
    [Tags]    model:ecgformer    board:stm32f746    lane:embedded    budget
    ecgformer    stm32f746
ECGformer On STM32H743
    [Tags]    model:ecgformer    board:stm32h743    lane:embedded    budget
    ecgformer    stm32h743
TR-Former On STM32F427
    [Tags]    model:trformer    board:stm32f427    lane:embedded    budget
    trformer    stm32f427
TR-Former On STM32F746
    [Tags]    model:trformer    board:stm32f746    lane:embedded    budget
    trformer    stm32f746
TR-Former On STM32H743
    [Tags]    model:trformer    board:stm32h743    lane:embedded    budget
    trformer    stm32h743
TinyViT On STM32F427
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:embedded    budget
    tinyvit-digits    stm32f427
TinyViT On STM32F746
    [Tags]    model:tinyvit-digits    board:stm32f746    lane:embedded    budget
    tinyvit-digits    stm32f746
TinyViT On STM32H743
    [Tags]    model:tinyvit-digits    board:stm32h743    lane:embedded    budget
    tinyvit-digits    stm32h743
