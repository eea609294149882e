*** Settings ***
Documentation     A Tinyrig firmware in a plain Renode install, without any package of ours:
...               `tinyrig generate` and a build give the ELF, then
...               `renode-test robot_tests/renode/*.robot --variable ELF:clean.elf`; a folder is passed over.
...               Under plain `robot` these tests are skipped.
Test Setup        Load Firmware
Test Timeout      2 minutes

*** Variables ***
${ELF}            ${EMPTY}
${BOARD}          stm32f427
${PLATFORMS}      ${CURDIR}/../../platforms
&{UARTS}          stm32f427=usart2    netduinoplus2=usart2    stm32f746=usart1    stm32h743=usart3

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
