/*
 * theme.c: the colour of each layer.
 */
#include "theme.h"

enum hue {
    GREY,
    ORANGE,
    SKY,
    GREEN,
    YELLOW,
    BLUE,
    VERMILION,
    PURPLE
};

static const struct colour hues[] = {
    [GREY] = {170, 174, 180},
    [ORANGE] = {230, 159, 0},
    [SKY] = {86, 180, 233},
    [GREEN] = {0, 158, 115},
    [YELLOW] = {240, 228, 66},
    [BLUE] = {0, 114, 178},
    [VERMILION] = {213, 94, 0},
    [PURPLE] = {204, 121, 167},
};

static const enum hue of_layer[LAYER_COUNT] = {
    [LAYER_WORLD] = GREY,
    [LAYER_PROC] = GREY,
    [LAYER_URL] = PURPLE,
    [LAYER_NAME] = PURPLE,
    [LAYER_SOCKET] = PURPLE,
    [LAYER_TCP] = SKY,
    [LAYER_UDP] = SKY,
    [LAYER_ICMP] = VERMILION,
    [LAYER_IP] = ORANGE,
    [LAYER_ARP] = YELLOW,
    [LAYER_LINK] = GREY,
    [LAYER_WIRE] = GREY,
    [LAYER_HTTP] = GREEN,
    [LAYER_NGINX] = GREEN,
    [LAYER_FCGI] = BLUE,
    [LAYER_FPM] = BLUE,
    [LAYER_ZEND] = BLUE,
    [LAYER_PAGE] = PURPLE,
};

struct colour
theme_fill(enum layer layer)
{
    return hues[of_layer[layer]];
}

struct colour
theme_ink(enum layer layer)
{
    return of_layer[layer] == BLUE ? THEME_PAPER : THEME_INK;
}

struct colour
theme_pale(struct colour c, unsigned white)
{
    return (struct colour){(uint8_t)(c.r + (255 - c.r) * (int)white / 255),
        (uint8_t)(c.g + (255 - c.g) * (int)white / 255),
        (uint8_t)(c.b + (255 - c.b) * (int)white / 255)};
}

const char *
say(const char *english)
{
    return english;
}
