#include "tr_rtt.h"

tr_rtt_block tr_rtt;
