/*
 * test_tcp_dialog.h: shared by the files of dialogues, which together are
 * one suite: the last case looks whether every arrow was walked.
 */
#ifndef LW_TEST_TCP_DIALOG_H
#define LW_TEST_TCP_DIALOG_H

#include "check.h"
#include "dialog.h"

/* Which of tcp_arrows was walked by some dialogue: all must be. */
extern bool tcp_dialog_arrows[64];

#define DIALOG(question, script)                                               \
    dialog_play(__FILE__, __LINE__, tcp_dialog_arrows, question, script)

/* A connection that a peer with a segment size of 1000 has opened. */
#define OPEN_PASSIVELY                                                         \
    "listen 1\n"                                                               \
    "< S 0:0(0) win 1000 <mss 1000>\n"                                         \
    "> S. 0:0(0) ack 1\n"                                                      \
    "< . 1:1(0) ack 1 win 10000\n"                                             \
    "accept\n"

/* The same with SACK. */
#define OPEN_WITH_SACK                                                         \
    "listen 1\n"                                                               \
    "< S 0:0(0) win 1000 <mss 1000,nop,nop,sackOK>\n"                          \
    "> S. 0:0(0) ack 1\n"                                                      \
    "< . 1:1(0) ack 1 win 50000\n"                                             \
    "accept\n"

/* The same with timestamps; the peer's clock stands at 1000. */
#define OPEN_WITH_TIMESTAMPS                                                   \
    "listen 1\n"                                                               \
    "< S 0:0(0) win 1000 <mss 1000,TS val 1000 ecr 0>\n"                       \
    "> S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 0 ecr 1000>\n"                 \
    "< . 1:1(0) ack 1 win 10000 <nop,nop,TS val 1000 ecr 0>\n"                 \
    "accept\n"

#define OPEN_ACTIVELY                                                          \
    "connect\n"                                                                \
    "> S 0:0(0)\n"                                                             \
    "< S. 0:0(0) ack 1 win 10000 <mss 1000>\n"                                 \
    "> . 1:1(0) ack 1\n"

#define DIALOGS(D)                                                             \
    D(opens_passively)                                                         \
    D(opens_actively)                                                          \
    D(opens_at_the_same_time)                                                  \
    D(opens_at_the_same_time_plainly)                                          \
    D(asks_again_for_a_connection)                                             \
    D(gives_up_calling)                                                        \
    D(answers_a_syn_again)                                                     \
    D(asks_again_both_calling)                                                 \
    D(goes_back_for_another_syn)                                               \
    D(gives_up_answering)                                                      \
    D(is_refused)                                                              \
    D(is_refused_by_icmp)                                                      \
    D(refuses)                                                                 \
    D(goes_back_to_listening)                                                  \
    D(ignores_when_the_backlog_is_full)                                        \
    D(bounds_the_syn_queue)                                                    \
    D(refuses_when_told_so)                                                    \
    D(defers_accept)                                                           \
    D(resets_the_unaccepted)                                                   \
    D(ignores_nonsense_when_listening)                                         \
    D(opens_by_a_syn_with_a_fin)                                               \
    D(refuses_a_syn_with_a_fin)                                                \
    D(offers_what_its_buffer_holds)                                            \
    D(clears_an_old_connection)                                                \
    D(scales_windows)                                                          \
    D(does_not_scale_alone)                                                    \
    D(hears_of_no_route)                                                       \
    D(moves_text_both_ways)                                                    \
    D(delays_acks)                                                             \
    D(acks_every_second_segment)                                               \
    D(lets_acks_ride)                                                          \
    D(holds_small_segments)                                                    \
    D(sends_small_segments_at_once)                                            \
    D(corks)                                                                   \
    D(waits_for_more)                                                          \
    D(marks_the_end_of_a_burst)                                                \
    D(pushes_each_half_of_a_window)                                            \
    D(opens_its_window_with_the_segments)                                      \
    D(probes_a_shut_window)                                                    \
    D(answers_probes_of_its_window)                                            \
    D(avoids_silly_windows)                                                    \
    D(offers_no_more_than_the_clamp)                                           \
    D(holds_more_than_a_window)                                                \
    D(overrides_silly_windows)                                                 \
    D(overrides_within_a_second)                                               \
    D(survives_a_shrinking_window)                                             \
    D(keeps_what_comes_early)                                                  \
    D(reports_what_came_early)                                                 \
    D(trims_overlaps)                                                          \
    D(echoes_timestamps)                                                       \
    D(asks_an_idle_peer)                                                       \
    D(respects_small_segments)                                                 \
    D(shares_a_turn)                                                           \
    D(answers_each_early_one_of_a_turn)                                        \
    D(keeps_little_unsent)                                                     \
    D(backs_off)                                                               \
    D(backs_off_no_further)                                                    \
    D(gives_up_sending)                                                        \
    D(respects_the_user_timeout)                                               \
    D(measures_only_what_was_sent_once)                                        \
    D(retransmits_fast)                                                        \
    D(recovers_from_two_losses)                                                \
    D(retransmits_by_sack)                                                     \
    D(keeps_sacks_through_a_timeout)                                           \
    D(transmits_a_little_more)                                                 \
    D(asks_about_the_tail)                                                     \
    D(keeps_seven_tenths)                                                      \
    D(waits_for_what_was_overtaken)                                            \
    D(waits_in_ticks_when_told)                                                \
    D(forgives_what_was_overtaken)                                             \
    D(believes_three_above_a_hole)                                             \
    D(doubts_three_above_a_hole)                                               \
    D(finds_what_was_lost_again)                                               \
    D(waits_longer_after_a_dsack)                                              \
    D(gives_up_only_what_is_overdue)                                           \
    D(asks_with_something_new)                                                 \
    D(asks_before_a_timeout)                                                   \
    D(answers_for_a_loss_the_probe_repaired)                                   \
    D(forgives_a_needless_probe)                                               \
    D(mends_a_tail_with_the_probe)                                             \
    D(tells_what_came_twice)                                                   \
    D(tells_which_part_came_twice)                                             \
    D(tells_what_came_twice_above_a_hole)                                      \
    D(tells_the_first_part_that_came_twice)                                    \
    D(tells_what_came_twice_as_it_fills)                                       \
    D(tells_at_once_what_came_twice)                                           \
    D(tells_each_that_came_twice_in_a_turn)                                    \
    D(keeps_dsacks_to_itself)                                                  \
    D(undoes_by_dsack)                                                         \
    D(undoes_nothing_for_a_copy_of_the_network)                                \
    D(undoes_by_timestamps)                                                    \
    D(undoes_nothing_by_timestamps)                                            \
    D(undoes_nothing_after_a_mark)                                             \
    D(takes_no_reduction_back_in_words)                                        \
    D(undoes_a_timeout_by_timestamps)                                          \
    D(undoes_a_timeout_by_asking)                                              \
    D(believes_a_timeout_after_asking)                                         \
    D(starts_slowly)                                                           \
    D(starts_again_after_a_silence)                                            \
    D(starts_with_one_after_a_lost_syn)                                        \
    D(shrinks_to_the_path)                                                     \
    D(remembers_soft_errors)                                                   \
    D(offers_the_same_after_a_fin)                                             \
    D(closes_first)                                                            \
    D(waits_for_the_fin_as_long_as_it_was_told)                                \
    D(closes_last)                                                             \
    D(closes_at_the_same_time)                                                 \
    D(closes_half)                                                             \
    D(closes_in_one_exchange)                                                  \
    D(closes_before_it_is_open)                                                \
    D(closes_while_calling)                                                    \
    D(forgets_a_half_closed_orphan)                                            \
    D(resets_when_text_is_unread)                                              \
    D(resets_text_for_nobody)                                                  \
    D(aborts)                                                                  \
    D(is_reset)                                                                \
    D(is_reset_while_closing)                                                  \
    D(repeats_the_last_ack)                                                    \
    D(reuses_time_wait)                                                        \
    D(does_not_die_in_time_wait)                                               \
    D(agrees_on_options_both_calling)                                          \
    D(outlives_a_silence_of_25_days)                                           \
    D(keeps_time_wait_from_old_text)                                           \
    D(tells_strangers_in_time_wait)                                            \
    D(keeps_time_wait_from_old_acks)                                           \
    D(keeps_time_wait_from_old_resets)                                         \
    D(lengthens_time_wait_for_a_fin)                                           \
    D(reuses_time_wait_for_a_later_time)                                       \
    D(reuses_time_wait_at_the_same_time)                                       \
    D(keeps_time_wait_from_an_earlier_time)                                    \
    D(reuses_time_wait_without_timestamps)                                     \
    D(reuses_time_wait_with_new_timestamps)                                    \
    D(limits_challenges_to_each)                                               \
    D(sends_fin_again)                                                         \
    D(keeps_a_fin_ahead_of_a_hole)                                             \
    D(challenges_resets)                                                       \
    D(knows_the_edges_for_resets)                                              \
    D(believes_resets_if_so_wished)                                            \
    D(names_resets_as_the_rfc_if_so_wished)                                    \
    D(believes_syns_if_so_wished)                                              \
    D(challenges_syns)                                                         \
    D(challenges_acks)                                                         \
    D(limits_challenges)                                                       \
    D(refuses_old_timestamps)                                                  \
    D(drops_without_ack)                                                       \
    D(ignores_forged_icmp)                                                     \
    D(refuses_malformed_options)                                               \
    D(believes_no_lying_sack)                                                  \
    D(agrees_on_ecn_when_asked)                                                \
    D(does_not_agree_on_ecn)                                                   \
    D(asks_for_ecn)                                                            \
    D(does_not_ask_for_ecn)                                                    \
    D(asks_again_without_ecn)                                                  \
    D(agrees_on_ecn_both_calling)                                              \
    D(marks_only_new_data)                                                     \
    D(echoes_marks_until_told)                                                 \
    D(ignores_marks_on_strangers)                                              \
    D(slows_down_for_an_echo)                                                  \
    D(says_cwr_after_a_loss)                                                   \
    D(believes_no_echo_unasked)                                                \
    D(tells_ip_at_r1)                                                          \
    D(tells_ip_when_calling)                                                   \
    D(ends_at_the_user_timeout)                                                \
    D(ends_at_the_user_timeout_shut)                                           \
    D(gives_up_a_silent_shut_window)                                           \
    D(keeps_alive_by_the_user_timeout)                                         \
    D(keeps_alive_as_the_host_says)                                            \
    D(gives_up_keeping_alive)                                                  \
    D(sends_with_tos)                                                          \
    D(sends_with_tos_and_ecn)                                                  \
    D(sends_with_ttl)                                                          \
    D(points_behind_urgent_text)                                               \
    D(points_ahead_of_many)                                                    \
    D(begins_a_buffer_while_there_is_room)                                     \
    D(grows_its_buffer_with_the_window)                                        \
    D(points_as_far_as_it_can)                                                 \
    D(hears_of_urgent_text)                                                    \
    D(hears_before_the_text)                                                   \
    D(keeps_urgent_text_inline)                                                \
    D(keeps_the_newest_mark)                                                   \
    D(survives_lying_pointers)                                                 \
    D(forgets_what_only_was_urgent)                                            \
    D(believes_no_lying_mtu)                                                   \
    D(remembers_the_mtu_of_the_way)                                            \
    D(forgets_the_mtu_of_the_way)                                              \
    D(goes_no_lower_than_552)                                                  \
    D(cuts_in_a_full_ring)                                                     \
    D(sends_the_oldest_beside_what_is_fresh)                                   \
    D(probes_no_larger_than_told)                                              \
    D(probes_no_larger_than_the_peer_takes)                                    \
    D(lets_routers_cut)                                                        \
    D(tries_larger_after_ten_minutes)                                          \
    D(finds_a_black_hole)                                                      \
    D(blames_no_size_for_small_losses)                                         \
    D(asks_for_larger_packets)                                                 \
    D(takes_no_for_an_answer)

#define D(name) void name(void);
DIALOGS(D)
#undef D

#endif
