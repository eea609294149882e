/* The whole public header of the Tinyrig kernel library. */
#ifndef TINYRIG_H
#define TINYRIG_H

#include "tinyrig/attention.h"
#include "tinyrig/conv.h"
#include "tinyrig/elementwise.h"
#include "tinyrig/layernorm.h"
#include "tinyrig/linear.h"
#include "tinyrig/matmul.h"
#include "tinyrig/pool.h"
#include "tinyrig/recurrent.h"
#include "tinyrig/softmax.h"
#include "tinyrig/variants.h"

#endif
