*** Settings ***
Documentation     A Tinyrig firmware in a plain Renode install, without any package of ours:
...               `tinyrig generate` and a build give the ELF, then
...               `renode-test robot_tests/renode/*.robot --variable ELF:clean.elf`; a folder is passed over.
...               Under plain `robot` these tests are skipped. What the firmware has to answer is the
...               CRC-32 of each output, one a line, in the file ELF.answer, which
...               `.ci/lane-firmware` writes from the reference.
Library           OperatingSystem
Test Setup        Load Firmware
Test Timeout      2 minutes

*** Variables ***
${ELF}            ${EMPTY}
${BOARD}          stm32f427
${PLATFORMS}      ${CURDIR}/../../platforms
&{UARTS}          stm32f427=usart2    netduinoplus2=usart2    stm32f746=usart1    stm32h743=usart3    stm32l4r5=usart2

*** Keywords ***
Load Firmware
    ${renode}=    Get Variable Value    ${RENODEKEYWORDS}
    Skip If    $renode is None    Run with renode-test.
    Skip If    $ELF == ''    Run with --variable ELF:firmware.elf.
    Reset Emulation
    Execute Command    mach create "tinyrig"
    Execute Command    machine LoadPlatformDescription @${PLATFORMS}/${BOARD}/renode/board.repl
    Execute Command    sysbus LoadELF @${ELF}
    Execute Command    emulation SetAdvanceImmediately true
    Create Terminal Tester    sysbus.${UARTS}[${BOARD}]    timeout=20    defaultPauseEmulation=true

*** Test Cases ***
Firmware Says Hello For This Board
    [Tags]    smoke    lane:renode    board:any    model:any
    Wait For Line On Uart    TR1 hello version=1 board=${BOARD} .*    treatAsRegex=true

Firmware Passes Its Own Checks
    [Tags]    lane:renode    board:any    model:any
    Register Failing Uart String    TR1 fault
    Wait For Line On Uart    TR1 check name=repeat failures=0 .*    treatAsRegex=true
    Wait For Line On Uart    TR1 check name=guards failures=0 .*    treatAsRegex=true
    Wait For Line On Uart    TR1 check name=arena_end failures=0 .*    treatAsRegex=true
    Wait For Line On Uart    TR1 check name=red_zone failures=0 .*    treatAsRegex=true
    Wait For Line On Uart    TR1 end verdict=ok .*    treatAsRegex=true

Firmware Gives The Answer Of The Reference
    [Documentation]    A firmware whose input was lost on the way passes its own checks all the same.
    [Tags]    lane:renode    board:any    model:any
    ${answer}=    Get File    ${ELF}.answer
    @{crcs}=    Evaluate    $answer.split()
    Should Not Be Empty    ${crcs}    ${ELF}.answer names no output.
    ${index}=    Set Variable    ${0}
    FOR    ${crc}    IN    @{crcs}
        Wait For Line On Uart    TR1 output index=${index} name=\\S+ size=\\d+ crc=${crc} .*    treatAsRegex=true
        ${index}=    Evaluate    ${index} + 1
    END
    Wait For Line On Uart    TR1 end verdict=ok .*    treatAsRegex=true

Firmware Keeps Its Stack Out Of The Red Zone
    [Documentation]    A watchpoint on every word below the stack, set once the firmware runs.
    [Tags]    lane:renode    board:any    model:any
    Create Log Tester    0
    Wait For Line On Uart    TR1 hello .*    treatAsRegex=true
    ${from}=    Execute Command    sysbus GetSymbolAddress "tr_ld_red_zone"
    ${to}=    Execute Command    sysbus GetSymbolAddress "tr_ld_stack_bottom"
    FOR    ${address}    IN RANGE    ${${from.strip()}}    ${${to.strip()}}    4
        Execute Command    sysbus AddWatchpointHook ${address} DoubleWord Write "cpu.ErrorLog('stack overflow')"
    END
    Wait For Line On Uart    TR1 end verdict=ok .*    treatAsRegex=true
    Should Not Be In Log    stack overflow

Firmware Executes The Same Instructions In Every Run
    [Tags]    lane:renode    board:any    model:any
    Wait For Line On Uart    TR1 end verdict=ok .*    treatAsRegex=true
    ${first}=    Execute Command    cpu ExecutedInstructions
    Load Firmware
    Wait For Line On Uart    TR1 end verdict=ok .*    treatAsRegex=true
    ${second}=    Execute Command    cpu ExecutedInstructions
    Should Be Equal    ${first}    ${second}
