*** Settings ***
Documentation     The papers' networks on every board of every lane, and the whole zoo on one of each,
...               by both toolchains: the answer of the reference. A nightly runs it all; without
...               `--variable TOOLCHAIN:all`, or the name of one, it is skipped.
Resource          tinyrig.resource
Test Template     Network Should Run As Compiled By

*** Test Cases ***
STM32F427 In Embedded By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32f427    lane:embedded    toolchain:zig
    zig    ecgformer    stm32f427    embedded
    zig    trformer    stm32f427    embedded
    zig    eegformer    stm32f427    embedded
STM32F427 In Embedded By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32f427    lane:embedded    toolchain:gcc
    gcc    ecgformer    stm32f427    embedded
    gcc    trformer    stm32f427    embedded
    gcc    eegformer    stm32f427    embedded
STM32F746 In Embedded By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32f746    lane:embedded    toolchain:zig
    zig    ecgformer    stm32f746    embedded
    zig    trformer    stm32f746    embedded
    zig    eegformer    stm32f746    embedded
STM32F746 In Embedded By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32f746    lane:embedded    toolchain:gcc
    gcc    ecgformer    stm32f746    embedded
    gcc    trformer    stm32f746    embedded
    gcc    eegformer    stm32f746    embedded
STM32H743 In Embedded By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32h743    lane:embedded    toolchain:zig
    zig    ecgformer    stm32h743    embedded
    zig    trformer    stm32h743    embedded
    zig    eegformer    stm32h743    embedded
STM32H743 In Embedded By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32h743    lane:embedded    toolchain:gcc
    gcc    ecgformer    stm32h743    embedded
    gcc    trformer    stm32h743    embedded
    gcc    eegformer    stm32h743    embedded
Netduino Plus 2 In QEMU By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:netduinoplus2    lane:qemu    toolchain:zig
    zig    ecgformer    netduinoplus2    qemu
    zig    trformer    netduinoplus2    qemu
    zig    eegformer    netduinoplus2    qemu
Netduino Plus 2 In QEMU By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:netduinoplus2    lane:qemu    toolchain:gcc
    gcc    ecgformer    netduinoplus2    qemu
    gcc    trformer    netduinoplus2    qemu
    gcc    eegformer    netduinoplus2    qemu
MPS2 AN386 In QEMU By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:mps2_an386    lane:qemu    toolchain:zig
    zig    ecgformer    mps2_an386    qemu
    zig    trformer    mps2_an386    qemu
    zig    eegformer    mps2_an386    qemu
MPS2 AN386 In QEMU By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:mps2_an386    lane:qemu    toolchain:gcc
    gcc    ecgformer    mps2_an386    qemu
    gcc    trformer    mps2_an386    qemu
    gcc    eegformer    mps2_an386    qemu
MPS2 AN500 In QEMU By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:mps2_an500    lane:qemu    toolchain:zig
    zig    ecgformer    mps2_an500    qemu
    zig    trformer    mps2_an500    qemu
    zig    eegformer    mps2_an500    qemu
MPS2 AN500 In QEMU By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:mps2_an500    lane:qemu    toolchain:gcc
    gcc    ecgformer    mps2_an500    qemu
    gcc    trformer    mps2_an500    qemu
    gcc    eegformer    mps2_an500    qemu
Netduino Plus 2 In Renode By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:netduinoplus2    lane:renode    toolchain:zig
    zig    ecgformer    netduinoplus2    renode
    zig    trformer    netduinoplus2    renode
    zig    eegformer    netduinoplus2    renode
Netduino Plus 2 In Renode By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:netduinoplus2    lane:renode    toolchain:gcc
    gcc    ecgformer    netduinoplus2    renode
    gcc    trformer    netduinoplus2    renode
    gcc    eegformer    netduinoplus2    renode
STM32F427 In Renode By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32f427    lane:renode    toolchain:zig
    zig    ecgformer    stm32f427    renode
    zig    trformer    stm32f427    renode
    zig    eegformer    stm32f427    renode
STM32F427 In Renode By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32f427    lane:renode    toolchain:gcc
    gcc    ecgformer    stm32f427    renode
    gcc    trformer    stm32f427    renode
    gcc    eegformer    stm32f427    renode
STM32F746 In Renode By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32f746    lane:renode    toolchain:zig
    zig    ecgformer    stm32f746    renode
    zig    trformer    stm32f746    renode
    zig    eegformer    stm32f746    renode
STM32F746 In Renode By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32f746    lane:renode    toolchain:gcc
    gcc    ecgformer    stm32f746    renode
    gcc    trformer    stm32f746    renode
    gcc    eegformer    stm32f746    renode
STM32H743 In Renode By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32h743    lane:renode    toolchain:zig
    zig    ecgformer    stm32h743    renode
    zig    trformer    stm32h743    renode
    zig    eegformer    stm32h743    renode
STM32H743 In Renode By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32h743    lane:renode    toolchain:gcc
    gcc    ecgformer    stm32h743    renode
    gcc    trformer    stm32h743    renode
    gcc    eegformer    stm32h743    renode
STM32L4R5 In Renode By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32l4r5    lane:renode    toolchain:zig
    zig    ecgformer    stm32l4r5    renode
    zig    trformer    stm32l4r5    renode
    zig    eegformer    stm32l4r5    renode
STM32L4R5 In Renode By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:stm32l4r5    lane:renode    toolchain:gcc
    gcc    ecgformer    stm32l4r5    renode
    gcc    trformer    stm32l4r5    renode
    gcc    eegformer    stm32l4r5    renode
GAP9 Class In GVSoC By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:gap9    lane:gvsoc    toolchain:zig
    zig    ecgformer    gap9    gvsoc
    zig    trformer    gap9    gvsoc
    zig    eegformer    gap9    gvsoc
GAP9 Class In GVSoC By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:gap9    lane:gvsoc    toolchain:gcc
    gcc    ecgformer    gap9    gvsoc
    gcc    trformer    gap9    gvsoc
    gcc    eegformer    gap9    gvsoc
Siracusa Class In GVSoC By zig
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:siracusa    lane:gvsoc    toolchain:zig
    zig    ecgformer    siracusa    gvsoc
    zig    trformer    siracusa    gvsoc
    zig    eegformer    siracusa    gvsoc
Siracusa Class In GVSoC By gcc
    [Tags]    model:ecgformer    model:trformer    model:eegformer    board:siracusa    lane:gvsoc    toolchain:gcc
    gcc    ecgformer    siracusa    gvsoc
    gcc    trformer    siracusa    gvsoc
    gcc    eegformer    siracusa    gvsoc
Zoo On STM32H743 In Embedded By zig
    [Tags]    model:zoo    board:stm32h743    lane:embedded    toolchain:zig
    [Template]    Zoo Should Run As Compiled By
    zig    stm32h743    embedded
Zoo On STM32H743 In Embedded By gcc
    [Tags]    model:zoo    board:stm32h743    lane:embedded    toolchain:gcc
    [Template]    Zoo Should Run As Compiled By
    gcc    stm32h743    embedded
Zoo On MPS2 AN386 In QEMU By zig
    [Tags]    model:zoo    board:mps2_an386    lane:qemu    toolchain:zig
    [Template]    Zoo Should Run As Compiled By
    zig    mps2_an386    qemu
Zoo On MPS2 AN386 In QEMU By gcc
    [Tags]    model:zoo    board:mps2_an386    lane:qemu    toolchain:gcc
    [Template]    Zoo Should Run As Compiled By
    gcc    mps2_an386    qemu
Zoo On STM32F427 In Renode By zig
    [Tags]    model:zoo    board:stm32f427    lane:renode    toolchain:zig
    [Template]    Zoo Should Run As Compiled By
    zig    stm32f427    renode
Zoo On STM32F427 In Renode By gcc
    [Tags]    model:zoo    board:stm32f427    lane:renode    toolchain:gcc
    [Template]    Zoo Should Run As Compiled By
    gcc    stm32f427    renode
Zoo On GAP9 Class In GVSoC By zig
    [Tags]    model:zoo    board:gap9    lane:gvsoc    toolchain:zig
    [Template]    Zoo Should Run As Compiled By
    zig    gap9    gvsoc
Zoo On GAP9 Class In GVSoC By gcc
    [Tags]    model:zoo    board:gap9    lane:gvsoc    toolchain:gcc
    [Template]    Zoo Should Run As Compiled By
    gcc    gap9    gvsoc
