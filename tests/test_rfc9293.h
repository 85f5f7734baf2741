/*
 * test_rfc9293.h: the requirements of RFC 9293 (appendix B), each with the
 * test that shows that it holds. Many are shown by a dialogue of
 * test_tcp_dialog_*.c; the others stand in test_rfc9293_*.c.
 *
 * tests/rfc9293.awk makes a table of these rows and of tests/rfc9293.list,
 * which has every requirement and the reason of every deviation:
 *     awk -f tests/rfc9293.awk tests/test_rfc9293.h tests/rfc9293.list
 */
#ifndef LW_TEST_RFC9293_H
#define LW_TEST_RFC9293_H

#include "test_tcp_dialog.h"

/* clang-format off */
#define REQUIREMENTS(R)                                                        \
    R(must_01_window_is_unsigned, takes_large_windows)                         \
    R(must_02_sender_computes_the_checksum, computes_the_checksum)             \
    R(must_03_receiver_checks_the_checksum, checks_the_checksum)               \
    R(must_04_mandatory_options, knows_the_mandatory_options)                  \
    R(must_05_options_in_any_segment, takes_options_in_any_segment)            \
    R(must_06_unknown_options_are_ignored, passes_over_unknown_options)        \
    R(must_07_illegal_option_length, refuses_malformed_options)                \
    R(must_08_clock_driven_numbers, counts_with_the_clock)                     \
    R(must_09_numbers_cannot_be_computed, keeps_the_key_secret)                \
    R(must_10_simultaneous_open, opens_at_the_same_time)                       \
    R(must_11_remembers_passive, goes_back_to_listening)                       \
    R(must_11_remembers_active, tells_a_refused_caller)                        \
    R(must_12_abort_is_told, is_reset)                                         \
    R(must_13_time_wait_lasts, lingers_for_two_lifetimes)                      \
    R(must_14_sends_and_takes_mss, opens_actively)                             \
    R(must_15_mss_536_by_default, respects_small_segments)                     \
    R(must_16_effective_mss, subtracts_options)                                \
    R(must_17_nagle_can_be_disabled, sends_small_segments_at_once)             \
    R(must_18_karn, measures_only_what_was_sent_once)                          \
    R(must_19_exponential_backoff, backs_off)                                  \
    R(must_19_slow_start, starts_slowly)                                       \
    R(must_20_r2_closes, gives_up_sending)                                     \
    R(must_20_r1_tells_ip, tells_ip_at_r1)                                     \
    R(must_21_program_sets_r2, respects_the_user_timeout)                      \
    R(must_21_user_timeout_is_exact, ends_at_the_user_timeout)                 \
    R(must_22_same_for_syn, gives_up_calling)                                  \
    R(must_22_r1_for_syn, tells_ip_when_calling)                               \
    R(must_23_syn_r2_three_minutes, calls_for_three_minutes)                   \
    R(must_23_program_may_give_up, calls_as_often_as_asked)                    \
    R(must_24_keep_alive_can_be_asked, asks_an_idle_peer)                      \
    R(must_25_keep_alive_off_by_default, is_silent_by_default)                 \
    R(must_26_keep_alive_only_when_idle, does_not_ask_the_busy)                \
    R(must_27_keep_alive_interval, asks_an_idle_peer)                          \
    R(must_28_keep_alive_two_hours, waits_two_hours)                           \
    R(must_29_keep_alive_lost_answers, forgives_a_lost_answer)                 \
    R(must_30_urgent_data, hears_of_urgent_text)                               \
    R(must_31_urgent_of_any_length, points_ahead_of_many)                      \
    R(must_32_urgent_is_told, hears_of_urgent_text)                            \
    R(must_33_urgent_amount, hears_of_urgent_text)                             \
    R(must_34_shrinking_window, survives_a_shrinking_window)                   \
    R(must_35_standard_probing, probes_a_shut_window)                          \
    R(must_36_probes_zero_window, probes_a_shut_window)                        \
    R(must_37_window_shut_for_ever, stays_with_a_shut_window)                  \
    R(must_37_but_not_a_silent_peer, gives_up_a_silent_shut_window)            \
    R(must_38_sender_silly_window, avoids_small_segments)                      \
    R(must_39_receiver_silly_window, avoids_silly_windows)                     \
    R(must_40_delay_below_half_a_second, delays_acks)                          \
    R(must_41_passive_open_is_apart, listens_beside_a_connection)              \
    R(must_42_listens_on_the_same_port, listens_twice_on_a_port)               \
    R(must_43_local_address_can_be_given, takes_a_local_address)               \
    R(must_44_ip_chooses_the_source, asks_ip_for_the_source)                   \
    R(must_45_source_stays, asks_ip_for_the_source)                            \
    R(must_46_open_to_a_group, does_not_call_groups)                           \
    R(must_47_errors_are_reported, remembers_soft_errors)                      \
    R(must_48_diffserv_field, sends_with_tos)                                  \
    R(must_49_time_to_live, sends_with_ttl)                                    \
    R(must_50_ip_options_are_ignored, takes_ip_options)                        \
    R(must_54_icmp_is_heard, hears_of_no_route)                                \
    R(must_54_icmp_is_doubted, believes_no_lying_mtu)                          \
    R(must_55_source_quench_is_ignored, ignores_source_quench)                 \
    R(must_56_unreachable_does_not_abort, remembers_soft_errors)               \
    R(must_57_syn_to_a_group, is_silent_to_groups)                             \
    R(must_58_acks_are_aggregated, answers_once)                               \
    R(must_59_all_before_an_ack, answers_once)                                 \
    R(must_60_never_waits_for_a_push, marks_the_end_of_a_burst)                \
    R(must_61_push_on_the_last, marks_the_end_of_a_burst)                      \
    R(must_62_pointer_behind_the_text, points_behind_urgent_text)              \
    R(must_63_syn_from_an_invalid_address, refuses_invalid_callers)            \
    R(must_64_word_alignment, does_not_care_for_alignment)                     \
    R(must_65_mss_only_in_syn, ignores_a_late_mss)                             \
    R(must_66_rst_at_zero_window, is_reset_at_zero_window)                     \
    R(must_67_mss_from_what_ip_takes, opens_passively)                         \
    R(must_67_path_mtu, shrinks_to_the_path)                                   \
    R(must_68_options_have_lengths, builds_whole_options)                      \
    R(must_69_header_is_padded, builds_whole_options)                          \
    R(shld_01_keyed_numbers, keeps_the_key_secret)                             \
    R(shld_02_rst_with_text, is_reset_with_an_explanation)                     \
    R(shld_03_rst_when_text_is_lost, resets_when_text_is_unread)               \
    R(shld_04_timestamps_shorten_time_wait, reuses_time_wait)                  \
    R(shld_05_mss_unless_536, opens_actively)                                  \
    R(shld_06_mss_follows_the_card, asks_for_what_the_card_takes)              \
    R(shld_07_nagle, holds_small_segments)                                     \
    R(shld_08_ecn_is_agreed_on, agrees_on_ecn_when_asked)                      \
    R(shld_08_ecn_slows_down, slows_down_for_an_echo)                          \
    R(shld_08_ecn_marks_are_echoed, echoes_marks_until_told)                   \
    R(shld_10_r1_is_three, tells_ip_at_r1)                                     \
    R(shld_11_r2_at_least_100_s, tries_for_100_seconds)                        \
    R(shld_12_keep_alive_without_text, asks_an_idle_peer)                      \
    R(shld_14_window_never_shrinks, never_takes_back)                          \
    R(shld_15_nothing_new_when_it_shrinks, survives_a_shrinking_window)        \
    R(shld_16_old_text_goes_again, reopens_at_once)                            \
    R(shld_17_no_timeout_for_text_beyond, reopens_at_once)                     \
    R(shld_18_delayed_ack, delays_acks)                                        \
    R(shld_19_every_second_segment, acks_every_second_segment)                 \
    R(shld_20_reports_are_not_pushed, remembers_soft_errors)                   \
    R(shld_21_diffserv_can_change, sends_with_tos)                             \
    R(shld_22_diffserv_as_it_is, sends_with_tos)                               \
    R(shld_25_unreachable_is_told, remembers_soft_errors)                      \
    R(shld_27_collapses_push, marks_the_end_of_a_burst)                        \
    R(shld_28_full_segments, starts_slowly)                                    \
    R(shld_29_first_probe_after_rto, probes_a_shut_window)                     \
    R(shld_30_probes_back_off, probes_a_shut_window)                           \
    R(shld_31_text_in_syn_waits, keeps_text_of_a_syn)
/* clang-format on */

#define R(name, test) void test(void);
REQUIREMENTS(R)
#undef R

#endif
