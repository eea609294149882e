*** Settings ***
Documentation     The other lanes, each on every board it has.
Resource          tinyrig.resource
Test Template     Network Should Run

*** Test Cases ***
ECGformer On QEMU Netduino Plus 2
    [Tags]    model:ecgformer    board:netduinoplus2    lane:qemu    smoke
    ecgformer    netduinoplus2    lane=qemu
ECGformer On QEMU MPS2 AN386
    [Tags]    model:ecgformer    board:mps2_an386    lane:qemu
    ecgformer    mps2_an386    lane=qemu
ECGformer On QEMU MPS2 AN500
    [Tags]    model:ecgformer    board:mps2_an500    lane:qemu
    ecgformer    mps2_an500    lane=qemu
TinyViT On Renode Netduino Plus 2
    [Tags]    model:tinyvit-digits    board:netduinoplus2    lane:renode    smoke
    tinyvit-digits    netduinoplus2    lane=renode
TinyViT On Renode STM32F427
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:renode
    tinyvit-digits    stm32f427    lane=renode
TinyViT On Renode STM32F746
    [Tags]    model:tinyvit-digits    board:stm32f746    lane:renode
    tinyvit-digits    stm32f746    lane=renode
TinyViT On Renode STM32H743
    [Tags]    model:tinyvit-digits    board:stm32h743    lane:renode
    tinyvit-digits    stm32h743    lane=renode
TinyViT On Renode STM32L4R5
    [Tags]    model:tinyvit-digits    board:stm32l4r5    lane:renode
    tinyvit-digits    stm32l4r5    lane=renode
TinyViT On GVSoC Cluster
    [Tags]    model:tinyvit-digits    board:gap9    lane:gvsoc    smoke
    tinyvit-digits    gap9    lane=gvsoc
ECGformer On GVSoC Cluster
    [Tags]    model:ecgformer    board:gap9    lane:gvsoc
    ecgformer    gap9    lane=gvsoc
EEGformer On GVSoC Cluster
    [Tags]    model:eegformer    board:gap9    lane:gvsoc
    eegformer    gap9    lane=gvsoc
TR-Former On GVSoC Cluster
    [Tags]    model:trformer    board:gap9    lane:gvsoc
    trformer    gap9    lane=gvsoc
TinyViT On GVSoC Siracusa
    [Tags]    model:tinyvit-digits    board:siracusa    lane:gvsoc
    tinyvit-digits    siracusa    lane=gvsoc
EEGformer On GVSoC Siracusa
    [Tags]    model:eegformer    board:siracusa    lane:gvsoc
    eegformer    siracusa    lane=gvsoc
TinyViT On A Real Netduino Plus 2
    [Tags]    model:tinyvit-digits    board:netduinoplus2    lane:pyocd
    tinyvit-digits    netduinoplus2    lane=pyocd
TinyViT On A Real STM32F427
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:pyocd
    tinyvit-digits    stm32f427    lane=pyocd
TinyViT On A Real STM32F746
    [Tags]    model:tinyvit-digits    board:stm32f746    lane:pyocd
    tinyvit-digits    stm32f746    lane=pyocd
TinyViT On A Real STM32H743
    [Tags]    model:tinyvit-digits    board:stm32h743    lane:pyocd
    tinyvit-digits    stm32h743    lane=pyocd
