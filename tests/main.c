/*
 * main.c: all suites, in the order in which a packet meets the code.
 *
 *     tests            runs everything
 *     tests tcp ip     runs these suites
 *
 * Exit status 0 when every check held and at least one test ran. Tests that
 * check nothing for five minutes hang, and are ended; so are, with the tests,
 * the commands they run.
 */
#include "check.h"
#include "shell.h"

#include <CUnit/Basic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
#define SUITES(S)                                                              \
    S(timer) S(spin) S(growth) S(base) S(journal) S(wire) S(uring)             \
    S(offload)                                                                 \
    S(capture) S(capture_foreign) S(ether) S(arp_claim) S(arp_hostile)         \
    S(route) S(redirect) S(ip_options) S(capture_damage) S(link) S(ip) S(icmp) \
    S(fragment) S(udp) S(bad_link) S(bad_ip) S(bad_upper) S(bad_tcp)           \
    S(bad_talk) S(bad_end) S(bad_long) S(tcp) S(scoreboard) S(sent_model)      \
    S(small_worlds)                                                            \
    S(tcp_loss) S(tcp_dialog) S(reassembly) S(tcp_table) S(tcp_tune)           \
    S(tcp_pace) S(cookie) S(rfc9293) S(socket)                                 \
    S(same_as_linux) S(same_files) S(same_wrong) S(options) S(every_state)     \
    S(every_segment)                                                           \
    S(send_room) S(send_memory) S(linger) S(sendfile) S(listen) S(device)      \
    S(splice) S(page_cache)                                                    \
    S(unix_socket) S(unix_messages) S(rights) S(epoll) S(poll) S(message)      \
    S(proc_files)                                                              \
    S(process) S(async) S(remote) S(remote_calls) S(folder) S(world)           \
    S(causes) S(no_memory) S(no_memory_calls) S(no_memory_demo) S(unseen)      \
    S(url) S(http) S(fastcgi) S(nginx_conf) S(dns) S(bad_dns) S(resolver)      \
    S(bad_answers) S(dissect_dns) S(nginx) S(nginx_files) S(nginx_hostile)     \
    S(nginx_keep) S(bad_app) S(nginx_php) S(nginx_reload) S(fpm_conf) S(fpm)   \
    S(fpm_pool) S(fpm_inside)                                                  \
    S(fpm_crash) S(browser) S(worldfile) S(dissect) S(fuzz) S(story)           \
    S(large_capture) S(no_memory_kept) S(capture_source)                       \
    S(window) S(cli) S(nonsense)           \
    S(journey) S(truth) S(live) S(peers) S(lint)
/* clang-format on */

#define S(name) extern CU_SuiteInfo suite_##name;
SUITES(S)
#undef S

static bool
wanted(const char *name, int argc, char **argv)
{
    if (argc < 2)
        return true;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return false;
}

/* ^C, or the alarm that check.c sets anew at each check. */
static void
end(int signal)
{
    static const char hung[] = "\ntests: nothing checked for too long: hung\n";

    if (signal == SIGALRM)
        (void)!write(2, hung, sizeof hung - 1);
    if (shell_running)
        kill(-shell_running, SIGKILL);
    _exit(128 + signal);
}

int
main(int argc, char **argv)
{
#define S(name) +1
    CU_SuiteInfo suites[1 SUITES(S)] = {{0}}; /* and the empty one */
#undef S
    unsigned n = 0;

#define S(name)                                                                \
    if (wanted(#name, argc, argv))                                             \
        suites[n++] = suite_##name;
    SUITES(S)
#undef S
    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS) {
        fprintf(stderr, "tests: %s\n", CU_get_error_msg());
        return 2;
    }
    signal(SIGALRM, end);
    signal(SIGTERM, end);
    if (signal(SIGINT, end) == SIG_IGN)
        signal(SIGINT, SIG_IGN);
    alarm(CHECK_SECONDS);
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    unsigned ran = CU_get_number_of_tests_run();
    CU_cleanup_registry();
    return failed != 0 || ran == 0;
}
