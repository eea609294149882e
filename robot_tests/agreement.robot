*** Settings ***
Documentation     All installed lanes on one ELF: the same answers, the same instruction count.
Resource          tinyrig.resource
Test Template     Model Should Agree On Lanes

*** Test Cases ***
TinyViT On Netduino Plus 2
    [Tags]    model:tinyvit-digits    board:netduinoplus2    lane:host    lane:embedded    lane:qemu    lane:renode    agreement
    tinyvit-digits    netduinoplus2    host    embedded    qemu    renode
ECGformer On Netduino Plus 2
    [Tags]    model:ecgformer    board:netduinoplus2    lane:host    lane:embedded    lane:qemu    agreement
    ecgformer    netduinoplus2    host    embedded    qemu
ECGformer On MPS2 AN386
    [Tags]    model:ecgformer    board:mps2_an386    lane:embedded    lane:qemu    agreement
    ecgformer    mps2_an386    embedded    qemu
TinyViT On MPS2 AN500
    [Tags]    model:tinyvit-digits    board:mps2_an500    lane:embedded    lane:qemu    agreement
    tinyvit-digits    mps2_an500    embedded    qemu
TinyViT On STM32H743
    [Tags]    model:tinyvit-digits    board:stm32h743    lane:embedded    lane:renode    agreement
    tinyvit-digits    stm32h743    embedded    renode
