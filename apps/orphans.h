/*
 * orphans.h: processes that a command started and left behind. Nothing may
 * outlive a run: its network is gone.
 */
#ifndef LW_ORPHANS_H
#define LW_ORPHANS_H

/* From now on, descendants whose parent ends become ours (prctl(2),
 * PR_SET_CHILD_SUBREAPER) instead of init's. */
void orphans_adopt(void);

/* Ends every child of ours and theirs, until there is none. */
void orphans_end(void);

#endif
