*** Settings ***
Documentation     Memory safety: the checks of the firmware in its checked build.
Resource          tinyrig.resource
Test Template     Network Should Be Memory Safe

*** Test Cases ***
EEGformer On STM32F427
    [Tags]    model:eegformer    board:stm32f427    lane:embedded    memory
    eegformer    stm32f427
EEGformer On STM32F746
    [Tags]    model:eegformer    board:stm32f746    lane:embedded    memory
    eegformer    stm32f746
EEGformer On STM32H743
    [Tags]    model:eegformer    board:stm32h743    lane:embedded    memory
    eegformer    stm32h743
ECGformer On STM32F427
    [Tags]    model:ecgformer    board:stm32f427    lane:embedded    memory
    ecgformer    stm32f427
ECGformer On STM32F746
    [Tags]    model:ecgformer    board:stm32f746    lane:embedded    memory
    ecgformer    stm32f746
ECGformer On STM32H743
    [Tags]    model:ecgformer    board:stm32h743    lane:embedded    memory
    ecgformer    stm32h743
TinyViT On STM32F427
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:embedded    memory
    tinyvit-digits    stm32f427
TinyViT On STM32F746
    [Tags]    model:tinyvit-digits    board:stm32f746    lane:embedded    memory
    tinyvit-digits    stm32f746
TinyViT On STM32H743
    [Tags]    model:tinyvit-digits    board:stm32h743    lane:embedded    memory
    tinyvit-digits    stm32h743
TinyViT Watched On STM32F427
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:embedded    memory
    tinyvit-digits    stm32f427    watched=${True}
TinyViT Watched On STM32F746
    [Tags]    model:tinyvit-digits    board:stm32f746    lane:embedded    memory
    tinyvit-digits    stm32f746    watched=${True}
TinyViT Watched On STM32H743
    [Tags]    model:tinyvit-digits    board:stm32h743    lane:embedded    memory
    tinyvit-digits    stm32h743    watched=${True}
