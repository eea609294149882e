*** Settings ***
Documentation     One model a board, the smallest: does the rig work at all?
Resource          tinyrig.resource
Test Template     Network Should Run

*** Test Cases ***
TinyViT On STM32F427
    [Tags]    smoke    model:tinyvit-digits    board:stm32f427    lane:embedded
    tinyvit-digits    stm32f427
TinyViT On STM32F746
    [Tags]    smoke    model:tinyvit-digits    board:stm32f746    lane:embedded
    tinyvit-digits    stm32f746
TinyViT On STM32H743
    [Tags]    smoke    model:tinyvit-digits    board:stm32h743    lane:embedded
    tinyvit-digits    stm32h743
