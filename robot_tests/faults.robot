*** Settings ***
Documentation     Faults put into a firmware on purpose: each must be caught, and by its name.
Resource          tinyrig.resource
Library           tinyrig.suite.robot.faults.FaultLibrary

*** Variables ***
${MODEL}          tinyvit-digits

*** Keywords ***
Prepare Fault
    [Arguments]    ${lane}    ${target}    ${stack}=${None}
    Need Lane    ${lane}    ${target}
    Prepare Image    ${MODEL}    ${target}    ${stack}

*** Test Cases ***
Corrupted Weights Answer Wrongly
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:embedded    fault
    Prepare Fault    embedded    stm32f427
    Corrupt Weights
    Boot Should Answer Wrongly    embedded
Too Small A Stack Is Caught
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:embedded    fault
    Prepare Fault    embedded    stm32f427    ${64}
    Boot Should Break    embedded    red_zone|unmapped memory|reported a fault
Hung Loop Ends By The Budget
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:embedded    fault
    Prepare Fault    embedded    stm32f427
    Hang Inference
    Boot Should Break    embedded    FirmwareTimeoutError.*it was at tr_infer\\+0x0
Noise On The UART Is Caught
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:embedded    fault
    Prepare Fault    embedded    stm32f427
    Break Checksums
    Boot Should Break    embedded    ProtocolError: Line \\d+ is corrupt
Corrupted Weights Answer Wrongly In QEMU
    [Tags]    model:tinyvit-digits    board:netduinoplus2    lane:qemu    fault
    Prepare Fault    qemu    netduinoplus2
    Corrupt Weights
    Boot Should Answer Wrongly    qemu
Too Small A Stack Is Caught In QEMU
    [Tags]    model:tinyvit-digits    board:netduinoplus2    lane:qemu    fault
    Prepare Fault    qemu    netduinoplus2    ${64}
    Boot Should Break    qemu    red_zone|unmapped memory|reported a fault
Hung Loop Ends By The Budget In QEMU
    [Tags]    model:tinyvit-digits    board:netduinoplus2    lane:qemu    fault
    Prepare Fault    qemu    netduinoplus2
    Hang Inference
    Boot Should Break    qemu    FirmwareTimeoutError.*it was at tr_infer\\+0x0
Noise On The UART Is Caught In QEMU
    [Tags]    model:tinyvit-digits    board:netduinoplus2    lane:qemu    fault
    Prepare Fault    qemu    netduinoplus2
    Break Checksums
    Boot Should Break    qemu    ProtocolError: Line \\d+ is corrupt
Silent UART Is Caught
    [Tags]    model:tinyvit-digits    board:stm32f427    lane:embedded    fault
    Prepare Fault    embedded    stm32f427
    Disconnect UART
    Boot Should Break    embedded    FirmwareTimeoutError.*it was at tr_uart_put
