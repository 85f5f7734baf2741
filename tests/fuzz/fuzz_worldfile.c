/*
 * fuzz_worldfile.c: the file that describes a world: read or refused with a
 * reason, and what was read keeps what worldfile.h promises.
 */
#include "fuzz.h"
#include "worldfile.h"

#include <assert.h>
#include <stdlib.h>

int
fuzz_worldfile(const uint8_t *data, size_t size)
{
    struct worldfile *wf = calloc(1, sizeof *wf);
    struct fault fault = {""};
    int err;

    assert(wf);
    err = worldfile_parse(
        wf, (const char *)data, size, "world.yaml", "world", &fault);
    assert((err == 0) == (fault.text[0] == '\0'));
    for (unsigned i = 0; err == 0 && i < wf->nhosts; i++) {
        const struct world_computer *h = &wf->hosts[i];

        assert(h->name && h->ncards <= WORLD_CARDS && h->nrun <= WORLD_RUN);
        for (unsigned k = 0; k < h->nrun; k++)
            assert(h->run[k].argc > 0 && !h->run[k].argv[h->run[k].argc]);
    }
    for (unsigned i = 0; err == 0 && i < wf->nlinks; i++) {
        const struct world_link *l = &wf->links[i];

        assert(l->nends <= 2 && l->config.delay_ns >= 0);
        for (unsigned k = 0; k < l->nends; k++)
            assert(l->card[k] < wf->hosts[l->host[k]].ncards);
    }
    worldfile_free(wf);
    free(wf);
    return 0;
}
