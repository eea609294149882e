#include "tr_firmware.h"

tr_state tr_firmware;
