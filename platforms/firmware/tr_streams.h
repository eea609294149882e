/* Whether inputs of the model are streamed; a project whose model has one says 1 here. */
#ifndef TR_STREAMS_H
#define TR_STREAMS_H

#define TR_STREAMS 0

#endif
