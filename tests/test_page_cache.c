/*
 * test_page_cache.c: what of files is kept in memory. The file here is the
 * system's shell, which has not been changed for long: one that was changed
 * a moment ago is read each time.
 */
#include "check.h"
#include "page_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PAGE = 65536
};

static struct page *
get(struct page_cache *c, int fd, off_t offset)
{
    struct stat st;

    CHECK_EQ(fstat(fd, &st), 0);
    return page_cache_get(c, fd, &st, offset);
}

/* Do the bytes of the page stand in the file? */
static void
check_page(int fd, const struct page *page, off_t at)
{
    char bytes[64];

    CHECK_EQ(page->at, at);
    CHECK_EQ(pread(fd, bytes, sizeof bytes, at), sizeof bytes);
    CHECK_MEM(page->data, bytes, sizeof bytes);
}

/* Room for two pages: the one that was used longest ago has to go. */
static void
the_page_used_longest_ago_goes(void)
{
    struct page_cache *c = page_cache_new(2 * PAGE);
    int fd = open("/bin/bash", O_RDONLY);
    struct page *first, *second, *third, *again;

    REQUIRE(c && fd >= 0 && lseek(fd, 0, SEEK_END) > 3 * PAGE);
    first = get(c, fd, 1);
    second = get(c, fd, PAGE);
    again = get(c, fd, 0);
    CHECK(again == first); /* and is used later than the second now */
    page_put(again);
    third = get(c, fd, 2 * PAGE + 7);
    check_page(fd, first, 0);
    check_page(fd, second, PAGE);
    check_page(fd, third, 2 * PAGE);
    again = get(c, fd, 0);
    CHECK(again == first);
    page_put(again);
    again = get(c, fd, PAGE);
    CHECK(again != second); /* which we have still, but the cache has not */
    check_page(fd, again, PAGE);
    page_put(again);
    page_put(first);
    page_put(second);
    page_put(third);
    close(fd);
    page_cache_free(c);
}

static void
what_is_not_there_has_no_page(void)
{
    struct page_cache *c = page_cache_new(PAGE);
    int fd = open("/bin/bash", O_RDONLY), folder = open("/", O_RDONLY);

    REQUIRE(c && fd >= 0 && folder >= 0);
    CHECK(get(c, fd, -1) == NULL);
    CHECK(get(c, fd, lseek(fd, 0, SEEK_END)) == NULL);
    CHECK(get(c, folder, 0) == NULL);
    close(fd);
    close(folder);
    page_cache_free(c);
}

/* Another instant of change, or another size, is another file. */
static void
what_was_changed_is_read_again(void)
{
    struct page_cache *c = page_cache_new(4 * PAGE);
    int fd = open("/bin/bash", O_RDONLY);
    struct page *old, *new;
    struct stat st;

    REQUIRE(c && fd >= 0 && fstat(fd, &st) == 0);
    old = page_cache_get(c, fd, &st, 0);
    st.st_ctim.tv_sec--;
    new = page_cache_get(c, fd, &st, 0);
    CHECK(new != old);
    page_put(old);
    old = page_cache_get(c, fd, &st, 0);
    CHECK(new == old);
    check_page(fd, new, 0);
    page_put(new);
    st.st_size--;
    new = page_cache_get(c, fd, &st, 0);
    CHECK(new != old);
    page_put(old);
    page_put(new);
    close(fd);
    page_cache_free(c);
}

static CU_TestInfo cases[] = {
    TEST(the_page_used_longest_ago_goes),
    TEST(what_is_not_there_has_no_page),
    TEST(what_was_changed_is_read_again),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo suite_page_cache = {.pName = "page_cache", .pTests = cases};
