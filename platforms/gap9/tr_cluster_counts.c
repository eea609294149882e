#include "tr_pulp.h"

tr_counts tr_cluster_counts;
