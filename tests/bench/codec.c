/* codec COUNT encode|decode|neither - COUNT prices through the codec, for
 * callgrind to count instructions. `neither` is what the loop itself costs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "price.h"

#define DIFFERENT 4096 /* prices, so that no branch is always taken */

static struct pf_price prices[DIFFERENT];
static char texts[DIFFERENT][PF_PRICE_JSON_SIZE];
static size_t lens[DIFFERENT];

static void prepare(void)
{
    unsigned long n = 1;

    for (size_t i = 0; i < DIFFERENT; i++) {
        n = n * 6364136223846793005 + 1442695040888963407;
        prices[i].match = PF_MATCH_MIN + (int64_t)((n >> 33) % 900);
        n = n * 6364136223846793005 + 1442695040888963407;
        prices[i].ticks = PF_TICKS_MIN + (int64_t)((n >> 33) % 901);
        lens[i] = pf_price_encode(&prices[i], texts[i]);
    }
}

int main(int argc, char **argv)
{
    struct pf_price got = {0};
    char text[PF_PRICE_JSON_SIZE];
    size_t sum = 0;

    if (argc != 3)
        return 2;
    prepare();
    for (size_t n = strtoul(argv[1], NULL, 10), i = 0; n--;
         i = (i + 1) % DIFFERENT) {
        if (*argv[2] == 'e')
            sum += pf_price_encode(&prices[i], text);
        else if (*argv[2] == 'd')
            sum += pf_price_decode(texts[i], lens[i], &got, NULL);
        else
            sum += lens[i];
    }
    printf("%zu\n", sum);
    return 0;
}
