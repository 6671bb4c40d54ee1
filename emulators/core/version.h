/* Which tarn this is: said by the command line, health and info. */
#ifndef TARN_VERSION_H
#define TARN_VERSION_H

#define TARN_VERSION "0.1.0"

#endif
