/*
 * test_fpm_inside.c: is there a way out of the computer for a script? Each
 * test tries one: other programs, the network, files, processes. And what
 * stays inside is the same on every machine, and seen as system calls.
 */
#include "check.h"
#include "fpm_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fpm_fixture fx;

static void
setup(void)
{
    fpm_fixture_open(&fx);
    fpm_write(&fx, "etc/php/php.ini",
        "html_errors = Off\ndisplay_errors = Off\ndate.timezone = UTC\n"
        "extension = posix\nextension = sockets\n"
        "extension = sysvshm\nextension = ffi\nffi.enable = 1\n"
        "zend_extension = opcache\nopcache.memory_consumption = 8\n"
        "opcache.interned_strings_buffer = 1\n"
        "opcache.file_update_protection = 0\n");
}

static void
teardown(void)
{
    fpm_fixture_close(&fx);
}

/* What the script answers. */
static const char *
says(const char *script, enum level level)
{
    fpm_write(&fx, "srv/a.php", script);
    if (!fpm_start(&fx, level))
        return "(php-fpm cannot be started)";
    struct fpm_ask *a = fpm_ask(&fx, "/a.php", LW_S);
    fpm_run_for(&fx, 30 * LW_S);
    CHECK(a->ended);
    CHECK(!fpm_logged(&fx, "exited"));
    return fpm_body(a);
}

static void
no_program_can_be_started(void)
{
    char script[1024], path[128];

    snprintf(path, sizeof(path), "%s/proof", fx.folder);
    snprintf(script, sizeof(script),
        "<?php $c = 'touch %s'; $out = [];"
        "echo json_encode([shell_exec($c), exec($c), system($c), `$c`,"
        "popen($c, 'r'), proc_open($c, [], $p), proc_open(['touch', '%s'],"
        "[], $p), mail('a@b', 'c', 'd')]);",
        path, path);
    CHECK_TEXT(says(script, LEVEL_STAGE),
        "[false,false,false,false,false,false,false,false]");
    CHECK_EQ(access(path, F_OK), -1);
}

static void
there_is_no_network(void)
{
    CHECK_TEXT(
        says("<?php function t($r, $e = '') {"
             "echo $r === false ? 'no' : 'YES', ' ', $e, \"\\n\"; }"
             "t(@stream_socket_client('tcp://127.0.0.1:1', $n, $e), $e);"
             "t(@stream_socket_client('tcp://[::1]:1', $n, $e), $e);"
             "t(@stream_socket_client('udp://127.0.0.1:1', $n, $e), $e);"
             "t(@stream_socket_client('unix:///run/x', $n, $e), $e);"
             "t(@stream_socket_server('tcp://0.0.0.0:0', $n, $e), $e);"
             "t(@stream_socket_server('unix:///tmp/x', $n, $e), $e);"
             "t(@fsockopen('localhost', 1, $n, $e));"
             "t(@file_get_contents('http://127.0.0.1/'));"
             "t(@file_get_contents('https://127.0.0.1/'));"
             "t(@dns_get_record('localhost', DNS_A));"
             "t(gethostbyname('localhost') !== 'localhost' ? 1 : false);"
             "t(gethostbyaddr('127.0.0.1') !== '127.0.0.1' ? 1 : false);"
             "t(getservbyname('http', 'tcp'));"
             "if (function_exists('socket_create')) {"
             "$s = socket_create(AF_INET, SOCK_STREAM, 0);"
             "t(@socket_connect($s, '127.0.0.1', 1),"
             "socket_strerror(socket_last_error($s)));"
             "t(@socket_bind($s, '127.0.0.1', 0)); t(@socket_listen($s));"
             "$s = socket_create(AF_INET, SOCK_DGRAM, 0);"
             "t(@socket_sendto($s, 'x', 1, 0, '127.0.0.1', 9));"
             "t(@socket_create(AF_INET, SOCK_RAW, 1)); }",
            LEVEL_STAGE),
        "no Network is unreachable\nno Network is unreachable\n"
        "no Network is unreachable\nno Network is unreachable\n"
        "no Cannot assign requested address\nno \n"
        "no \nno \nno \nno \nno \nno \nno \n"
        "no Network is unreachable\nno \nno \nno \nno \n");
}

static void
paths_stay_in_the_folder(void)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/srv/link", fx.folder);
    CHECK_EQ(symlink("/etc/passwd", path), 0);
    snprintf(path, sizeof(path), "%s/srv/up", fx.folder);
    CHECK_EQ(symlink("../../../../../../../..", path), 0);
    CHECK_TEXT(
        says("<?php $r = [];"
             "foreach (['/etc/passwd', '/srv/link', '../../../../etc/passwd',"
             "'/srv/up/etc/passwd', '/proc/self/root/etc/passwd',"
             "'/usr/share/zoneinfo/../../../etc/passwd', '/dev/null/../../etc/"
             "passwd', 'file:///etc/passwd', 'php://filter/resource=/etc/"
             "passwd', '/proc/self/environ', 'glob:///etc/pass*'] as $p)"
             "$r[] = @file_get_contents($p);"
             "$r[] = @glob('/etc/pass*'); $r[] = @scandir('/home');"
             "$r[] = @opendir('/proc'); $r[] = file_exists('/bin');"
             "$r[] = @readlink('/proc/self/exe'); $r[] = @touch('/usr/bin/x');"
             "$r[] = disk_free_space('/');"
             "if (function_exists('posix_mkfifo'))"
             "  posix_mkfifo('/tmp/fifo', 0600);"
             "echo json_encode($r), filetype('/tmp/fifo');",
            LEVEL_STAGE),
        "[false,false,false,false,false,false,false,false,false,false,false,"
        "[],false,false,false,false,false,false]fifo");
}

/* Two runs must begin with the same files. */
static void
a_simulation_changes_nothing(void)
{
    CHECK_TEXT(
        says("<?php umask(0); echo json_encode(["
             "@file_put_contents('/srv/new', 'x'), @fopen('/srv/a.php', 'a'),"
             "@unlink('/srv/a.php'), @mkdir('/srv/q'), @rename('/srv/a.php',"
             "'/tmp/a'), @touch('/srv/a.php'), @chmod('/srv/a.php', 0),"
             "@symlink('/x', '/srv/s'), is_writable('/srv/a.php'),"
             "is_readable('/srv/a.php'), is_executable('/srv/a.php'),"
             "is_writable('/tmp'), file_put_contents('/tmp/y', 'yes')]);",
            LEVEL_STAGE),
        "[false,false,false,false,false,false,false,false,false,true,false,"
        "true,3]");
}

static void
processes_and_people_are_the_computers(void)
{
    fpm_write(&fx, "etc/hostname", "web\n");
    CHECK_TEXT(
        says("<?php echo json_encode(["
             "array_filter(get_defined_functions()['internal'],"
             "  fn($f) => str_starts_with($f, 'pcntl_')), function_exists("
             "'dl'), extension_loaded('pcntl'), class_exists('FFI'),"
             "defined('WNOHANG'), gethostname(), php_uname('n'),"
             "get_current_user(), posix_getpwuid(33)['name'],"
             "posix_getpwuid(12345), posix_getpwnam('root')['uid'],"
             "posix_getgrgid(33)['name'], posix_getuid(), posix_getlogin(),"
             "posix_getgroups(), getenv('PATH'), count(getenv()),"
             "posix_getppid(), posix_getpgid(0), posix_kill(99999, 0),"
             "posix_setuid(0), sys_getloadavg(), setlocale(LC_ALL, 'en_US."
             "UTF-8', 'C.UTF-8'), net_get_interfaces(),"
             "function_exists('shm_attach') ? @shm_attach(1) : false]);",
            LEVEL_STAGE),
        "[[],false,false,false,false,\"web\",\"web\",\"root\",\"www-data\","
        "false,0,\"www-data\",33,false,[33],false,0,1,1,false,false,false,"
        "false,false,false]");
}

static void
folders_are_sorted(void)
{
    static const char *const names[] = {"m", "b", "z", "a", "k"};
    char path[32];

    for (size_t i = 0; i < LW_COUNT(names); i++) {
        snprintf(path, sizeof(path), "srv/%s.txt", names[i]);
        fpm_write(&fx, path, "");
    }
    CHECK_TEXT(
        says("<?php $d = opendir('/srv'); while (($n = readdir($d)) !== false)"
             "echo $n, ' '; rewinddir($d); echo readdir($d), '|';"
             "foreach (new DirectoryIterator('/srv') as $f) echo $f, ' ';"
             "echo '|', implode(' ', glob('/srv/*.txt', GLOB_NOSORT));",
            LEVEL_STAGE),
        ". .. a.php a.txt b.txt k.txt m.txt z.txt .|"
        ". .. a.php a.txt b.txt k.txt m.txt z.txt |"
        "/srv/a.txt /srv/b.txt /srv/k.txt /srv/m.txt /srv/z.txt");
}

/* All calls with that text in their arguments, as strace prints them. */
static char *
calls_with(const char *text, char *buf, size_t size)
{
    const struct event *e;
    size_t n = 0;

    buf[0] = '\0';
    for (unsigned i = 0; (e = recorder_find(&fx.rec, EV_SYSCALL, i)); i++) {
        char args[512], name[64];

        snprintf(args, sizeof(args), "%s", recorder_text(e, "args", 0));
        snprintf(name, sizeof(name), "%s", recorder_text(e, "name", 0));
        if (n < size && strstr(args, text))
            n += (size_t)snprintf(buf + n, size - n, "%s(%s) = %s\n", name,
                args, recorder_text(e, "result", 0));
    }
    return buf;
}

static void
file_calls_are_seen(void)
{
    char all[8192];

    CHECK_TEXT(says("<?php file_put_contents(\"/tmp/n\\n.x\", 'Hi');"
                    "mkdir('/tmp/q');"
                    "rename(\"/tmp/n\\n.x\", '/tmp/q/y.x');"
                    "unlink('/tmp/q/y.x');"
                    "is_readable('/none.x'); echo 'done';",
                   LEVEL_STEP),
        "done");
    calls_with(".x\"", all, sizeof(all));
    CHECK(strstr(all, "openat(AT_FDCWD, \"/tmp/n\\n.x\", O_WRONLY|O_CREAT|"
                      "O_TRUNC, 0666) = "));
    CHECK(strstr(all, "rename(\"/tmp/n\\n.x\", \"/tmp/q/y.x\") = 0\n"));
    CHECK(strstr(all, "unlink(\"/tmp/q/y.x\") = 0\n"));
    CHECK(strstr(all, "access(\"/none.x\", R_OK) = -1 ENOENT (No such file or "
                      "directory)\n"));
    calls_with("\"Hi\"", all, sizeof(all));
    CHECK(strstr(all, ", \"Hi\", 2) = 2\n"));
    calls_with("/srv/a.php", all, sizeof(all));
    CHECK(
        strstr(all, "newfstatat(AT_FDCWD, \"/srv/a.php\", {st_mode=S_IFREG|"));
    CHECK(strstr(all, "openat(AT_FDCWD, \"/srv/a.php\", O_RDONLY) = "));
}

/* In live use paths are remembered; what they lead to may change. */
static void
known_paths_are_found_anew(void)
{
    fx.live = true;
    CHECK_TEXT(
        says("<?php $r = [];"
             "function size($f) { clearstatcache(true);"
             "  return @filesize($f); }"
             "function go($d) { return @chdir($d) ? getcwd() : false; }"
             "mkdir('/srv/d'); file_put_contents('/srv/d/f', 'one');"
             "$r[] = size('/srv/d/f'); $r[] = size('/srv/d/f');"
             "file_put_contents('/srv/d/f', 'three'); $r[] = size('/srv/d/f');"
             "rename('/srv/d/f', '/srv/d/g');"
             "$r[] = size('/srv/d/f');"
             "file_put_contents('/srv/d/f', 'xx'); $r[] = size('/srv/d/f');"
             "unlink('/srv/d/f'); symlink('/etc/passwd', '/srv/d/f');"
             "$r[] = size('/srv/d/f'); $r[] = size('/srv/d/f');"
             "unlink('/srv/d/f'); symlink('g', '/srv/d/f');"
             "$r[] = size('/srv/d/f'); $r[] = filetype('/srv/d/f');"
             "$r[] = go('/srv/d'); $r[] = go('/'); $r[] = go('/srv/d');"
             "rename('/srv/d', '/srv/e'); $r[] = go('/srv/d');"
             "symlink('/srv/e', '/srv/d');"
             "$r[] = go('/srv/d'); $r[] = go('/srv/d'); $r[] = size('f');"
             "unlink('/srv/d'); symlink('/', '/srv/d'); $r[] = go('/srv/d');"
             "unlink('/srv/d'); touch('/srv/d'); $r[] = go('/srv/d');"
             "$r[] = go('/srv/e'); rename('/srv/e', '/srv/h');"
             "symlink('h', '/srv/e'); $r[] = go('/srv/e');"
             "echo json_encode($r, JSON_UNESCAPED_SLASHES);",
            LEVEL_STAGE),
        "[3,3,5,false,2,false,false,5,\"link\",\"/srv/d\",\"/\",\"/srv/d\","
        "false,\"/srv/e\",\"/srv/e\",5,\"/\",false,\"/srv/e\","
        "\"/srv/h\"]");
    fx.live = false;
}

/* A folder as a run makes it, with something in it; path: 64 bytes. */
static bool
left(char *path, pid_t pid, unsigned n)
{
    char inner[100];
    FILE *file = NULL;

    snprintf(path, 64, "/tmp/layerwalk-%ld-%u", (long)pid, n);
    snprintf(inner, sizeof(inner), "%s/sess", path);
    if (mkdir(path, 0700) == 0 && mkdir(inner, 0700) == 0) {
        strcat(inner, "/x");
        file = fopen(inner, "w");
    }
    return CHECK(file && fclose(file) == 0);
}

static void
let_go(const char *path)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", path);
    CHECK_EQ(system(command), 0);
}

/* Runs that were killed in every part leave their /tmp; who is there and
 * what is locked keep theirs. */
static void
what_the_dead_left_is_removed(void)
{
    char dead[64], locked[64], alive[64], foreign[64];
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    REQUIRE(pid > 0 && waitpid(pid, NULL, 0) == pid);
    REQUIRE(left(dead, pid, 9001) && left(locked, pid, 9002) &&
            left(foreign, pid, 9003) && left(alive, getpid(), 9001));
    CHECK_EQ(chmod(foreign, 0755), 0); /* nobody here makes such folders */
    int fd = open(locked, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
    CHECK_TEXT(says("<?php echo 'yes';", LEVEL_STAGE), "yes");
    CHECK_EQ(access(dead, F_OK), -1);
    CHECK_EQ(access(locked, F_OK), 0);
    CHECK_EQ(access(foreign, F_OK), 0);
    CHECK_EQ(access(alive, F_OK), 0);
    close(fd);
    let_go(locked);
    let_go(foreign);
    let_go(alive);
}

static CU_TestInfo cases[] = {TEST(what_the_dead_left_is_removed),
    TEST(no_program_can_be_started), TEST(there_is_no_network),
    TEST(paths_stay_in_the_folder), TEST(a_simulation_changes_nothing),
    TEST(processes_and_people_are_the_computers), TEST(folders_are_sorted),
    TEST(file_calls_are_seen), TEST(known_paths_are_found_anew),
    CU_TEST_INFO_NULL};

CU_SuiteInfo suite_fpm_inside = {.pName = "fpm_inside",
    .pTests = cases,
    .pSetUpFunc = setup,
    .pTearDownFunc = teardown};
