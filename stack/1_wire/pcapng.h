/*
 * pcapng.h: numbers of the pcapng format that reader and writer share
 * (draft-ietf-opsawg-pcapng). A file is a row of blocks:
 *
 *     +------+--------------+-----------------------+--------------+
 *     | type | total length | body, padded to four  | total length |
 *     +------+--------------+-----------------------+--------------+
 *       4            4                                     4 bytes
 *
 * in the byte order that the section header's magic shows. Options end most
 * bodies: code (2), length (2), value padded to four; code 0 ends them.
 */
#ifndef LW_PCAPNG_H
#define LW_PCAPNG_H

enum pcapng_block {
    PCAPNG_SECTION = 0x0a0d0d0a,
    PCAPNG_INTERFACE = 1,
    PCAPNG_OLD_PACKET = 2, /* obsolete, still found in the wild */
    PCAPNG_SIMPLE_PACKET = 3,
    PCAPNG_NAMES = 4,
    PCAPNG_PACKET = 6
};

/*
 * Our own block for the journal: PACK_MAGIC, the length of the records (4
 * bytes, little endian), the records. The type is from the range for local
 * use, which every reader skips, and the magic tells it from others of that
 * range. A custom block (0xbad) would be the other choice, but Wireshark 4
 * lists each of them as a row between the packets.
 */
#define PCAPNG_JOURNAL 0x80004c57u

#define PCAPNG_BYTE_ORDER 0x1a2b3c4d

enum pcapng_option {
    PCAPNG_OPT_END = 0,
    PCAPNG_OPT_COMMENT = 1,
    PCAPNG_OPT_APPLICATION = 4, /* in a section */
    PCAPNG_OPT_NAME = 2,        /* from here on: in an interface */
    PCAPNG_OPT_RESOLUTION = 9,
    PCAPNG_OPT_OFFSET = 14,
    PCAPNG_OPT_PACKET_ID = 5 /* in a packet */
};

#define PCAPNG_NAME_IPV4 1 /* record of a names block; 0 ends them */

#endif
