/*
 * truth.h: is what a run told about itself true? Checks over a whole story
 * (story.h) that know nothing of how it came about: the bytes of the frames
 * are read by dissect.h, and what events say is held against them.
 */
#ifndef LW_TRUTH_H
#define LW_TRUTH_H

#include "check.h"
#include "dissect.h"
#include "story.h"

/* A text field's value, or "" when there is none. */
const char *truth_text(const struct event *e, const char *name);

/* The frame that carries packet `pkt`, read; NULL: it was never sent. The
 * dissection lives in *a, the bytes in the story. */
const struct dissection *truth_frame(
    const struct story *s, uint64_t i, struct arena *a);

/* --- truth_frames.c: what is on the wire -------------------------------- */

/* Frames are well formed; each is received, lost, or under way at the end,
 * and needs the cable's time. `faults`: cables may do what they like. */
void truth_wire(const struct story *s, bool faults);

/* LAYER_ADDED and LAYER_STRIPPED name exactly that header's bytes. */
void truth_layers(const struct story *s);

/* TCP_SEND and TCP_ARRIVE say what stands in the frame. */
void truth_segments(const struct story *s);

/* A router changes addresses of the link, time to live and checksum only. */
void truth_forwarding(const struct story *s);

/* --- truth_streams.c: what went through the sockets ---------------------- */

/* What programs wrote is what crossed the wire is what programs read. */
void truth_streams(const struct story *s);

#endif
