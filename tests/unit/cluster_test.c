/* Whether all is well with a cluster, and how it is listed. */
#include "unit.h"

#include "cluster.h"

static const int32_t three[] = {1, 2, 3};

/* A cluster of three brokers and two partitions, with which all is well. */
struct world {
    struct pf_cluster_node nodes[3];
    struct pf_cluster_partition partitions[2];
    struct pf_cluster_zookeeper zookeepers[3];
    struct pf_cluster cluster;
};

static void begin(struct world *w)
{
    static const struct world well = {
        .nodes = {{.id = 1, .address = "a:1"},
                  {.id = 2, .address = "b:2"},
                  {.id = 3, .address = "c:3"}},
        .partitions = {{"prices", 0, 1, three, three, 3, 3},
                       {"prices", 1, 2, three, three, 3, 3}},
        .zookeepers = {{"z:1", "follower"}, {"z:2", "leader"}, {"z:3", "x"}},
    };

    *w = well;
    w->cluster = (struct pf_cluster){
        .nodes = {w->nodes, 3, 3},
        .partitions = {w->partitions, 2, 2},
        .zookeepers = {w->zookeepers, 3, 3},
        .controller = 2,
    };
}

/* All is well, or not, in exactly these words. */
static void assert_says(const struct world *w, bool well, const char *words)
{
    struct pf_buffer said = {0};

    assert_int_equal(pf_cluster_judge(&w->cluster, &said), well);
    pf_buffer_put(&said, "", 1);
    assert_string_equal(said.at, words);
    pf_buffer_release(&said);
}

static void all_is_well_or_the_cause_is_said(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    assert_says(&w, true,
                "All is well: 3 brokers, controller 2, 2 partitions in sync, "
                "3 ZooKeepers.");
    w.nodes[2].state = PF_NODE_SILENT;
    assert_says(&w, false, "Not well: broker 3 does not answer.");
    w.nodes[0].state = PF_NODE_SILENT;
    assert_says(&w, false, "Not well: brokers 1, 3 do not answer.");
    w.nodes[0].state = PF_NODE_GONE;
    assert_says(&w, false,
                "Not well: broker 1 is not alive; broker 3 does not answer.");
    w.nodes[0].state = w.nodes[2].state = PF_NODE_APART;
    assert_says(
        &w, false,
        "Not well: brokers 1, 3 tell something else of brokers, leaders "
        "or replicas in sync.");
}

/* What a broker says that has not heard of the last change. */
static void brokers_agree_if_they_say_the_same(void **state)
{
    static const int32_t other_order[] = {3, 1, 2};
    struct world one, other;

    (void)state;
    begin(&one);
    begin(&other);
    other.nodes[0].state = PF_NODE_SILENT; /* not what brokers say */
    other.partitions[0].in_sync = other_order;
    assert_true(pf_cluster_agree(&one.cluster, &other.cluster));
    other.partitions[0].n_in_sync = 2;
    assert_false(pf_cluster_agree(&one.cluster, &other.cluster));
    begin(&other);
    other.partitions[1].leader = 3;
    assert_false(pf_cluster_agree(&one.cluster, &other.cluster));
    begin(&other);
    other.cluster.controller = 1;
    assert_false(pf_cluster_agree(&one.cluster, &other.cluster));
    begin(&other);
    other.nodes[1].state = PF_NODE_GONE;
    assert_false(pf_cluster_agree(&one.cluster, &other.cluster));
    begin(&other);
    other.cluster.nodes.n = 2;
    assert_false(pf_cluster_agree(&one.cluster, &other.cluster));
    begin(&other);
    other.cluster.partitions.n = 1;
    assert_false(pf_cluster_agree(&one.cluster, &other.cluster));
}

static void one_broker_without_known_zookeepers_is_well(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    w.cluster.nodes.n = w.cluster.partitions.n = w.partitions[0].n_in_sync = 1;
    w.partitions[0].n_replicas = 1;
    w.cluster.zookeepers.n = 0;
    w.cluster.controller = 1;
    assert_says(&w, true,
                "All is well: 1 broker, controller 1, 1 partition in sync.");
}

static void a_controller_has_to_be_registered(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    w.cluster.controller = -1;
    assert_says(&w, false, "Not well: there is no controller.");
    w.cluster.controller = 4; /* what a client has been told before */
    assert_says(&w, false, "Not well: there is no controller.");
    w.cluster.controller = 2;
    w.nodes[1].state = PF_NODE_GONE;
    assert_says(&w, false,
                "Not well: broker 2 is not alive; there is no controller.");
}

static void partitions_out_of_sync_and_offline_are_counted(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    w.partitions[1].n_in_sync = 2;
    assert_says(&w, false, "Not well: 1 of 2 partitions is under-replicated.");
    w.partitions[0].n_in_sync = 1;
    assert_says(&w, false, "Not well: 2 of 2 partitions are under-replicated.");
    w.partitions[0].leader = -1;
    assert_says(&w, false,
                "Not well: 1 of 2 partitions is offline; 1 of 2 partitions is "
                "under-replicated.");
}

static void zookeepers_need_a_majority_for_a_failover(void **state)
{
    /* How many of how many serve, and whether that is a majority. */
    static const struct {
        size_t all, serve;
        bool enough;
    } cases[] = {{1, 0, false}, {2, 1, false}, {3, 2, true}, {3, 1, false}};
    struct world w;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char words[200];

        begin(&w);
        w.cluster.zookeepers.n = cases[i].all;
        for (size_t k = cases[i].serve; k < cases[i].all; k++)
            *w.zookeepers[k].mode = '\0';
        snprintf(words, sizeof words,
                 "Not well: %zu of %zu ZooKeepers serve%s%s.", cases[i].serve,
                 cases[i].all, cases[i].serve == 1 ? "s" : "",
                 cases[i].enough ? "" : ", so no failover is possible");
        assert_says(&w, false, words);
    }
}

static void
brokers_that_have_replicas_are_missed_and_all_is_sorted(void **state)
{
    static const int32_t replicas[] = {7, 2, 5};
    struct pf_cluster cluster = {.controller = 2};
    const struct pf_cluster_node node = {.id = 2, .address = "b:2"};
    const struct pf_cluster_partition partitions[] = {
        {"t", 1, 2, replicas, replicas + 1, 3, 1},
        {"t", 0, 2, replicas, replicas + 1, 3, 1},
        {"a", 2, 2, replicas + 1, replicas + 1, 1, 1},
    };

    (void)state;
    assert_true(PF_VEC_PUSH(&cluster.nodes, node));
    for (size_t i = 0; i < COUNT(partitions); i++)
        assert_true(PF_VEC_PUSH(&cluster.partitions, partitions[i]));
    assert_int_equal(pf_cluster_complete(&cluster, NULL), PF_OK);
    for (size_t i = 0; i < COUNT(partitions); i++)
        assert_memory_equal(&cluster.partitions.at[i],
                            &partitions[COUNT(partitions) - 1 - i],
                            sizeof *partitions);
    assert_int_equal(cluster.nodes.n, 3);
    for (size_t i = 0; i < 3; i++) {
        static const int32_t ids[] = {2, 5, 7};

        assert_int_equal(cluster.nodes.at[i].id, ids[i]);
        assert_int_equal(cluster.nodes.at[i].state,
                         i ? PF_NODE_GONE : PF_NODE_ALIVE);
    }
    pf_cluster_release(&cluster);
    assert_int_equal(cluster.nodes.n, 0);
}

static void what_is_not_in_sync_is_listed(void **state)
{
    static const int32_t in_sync[] = {2, 1};
    struct pf_buffer list = {0};
    struct world w;

    (void)state;
    begin(&w);
    w.nodes[2].state = PF_NODE_GONE;
    *w.nodes[2].address = '\0';
    *w.zookeepers[2].mode = '\0';
    w.partitions[0].in_sync = in_sync;
    w.partitions[0].n_in_sync = 2;
    w.partitions[1] = (struct pf_cluster_partition){
        .topic = "of nobody", .id = -1, .leader = -1};
    pf_cluster_list(&w.cluster, &list);
    pf_buffer_put(&list, "", 1);
    assert_string_equal(
        list.at,
        "broker  address  state\n"
        "1       a:1      alive\n"
        "2       b:2      alive, controller\n"
        "3       -        not alive\n"
        "\n"
        "ZooKeeper  state\n"
        "z:1        follower\n"
        "z:2        leader\n"
        "z:3        does not serve\n"
        "\n"
        "topic      partition  leader  replicas  in sync  state\n"
        "prices     0          1       1,2,3     2,1      under-replicated\n"
        "of nobody  -          -       -         -        offline\n"
        "\n");
    pf_buffer_release(&list);
}

static void names_from_outside_are_escaped(void **state)
{
    struct pf_buffer list = {0};
    struct world w;

    (void)state;
    begin(&w);
    strcpy(w.nodes[0].address, "\033[2J:1");
    strcpy(w.zookeepers[0].mode, "\r\n");
    w.partitions[0].topic = "\007\377";
    w.partitions[0].n_in_sync = 0;
    pf_cluster_list(&w.cluster, &list);
    pf_buffer_put(&list, "", 1);
    assert_contains(list.at, "\\x1b[2J:1");
    assert_contains(list.at, "\\r\\n");
    assert_contains(list.at, "\\x07\\xff");
    pf_buffer_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well_or_the_cause_is_said),
        cmocka_unit_test(brokers_agree_if_they_say_the_same),
        cmocka_unit_test(one_broker_without_known_zookeepers_is_well),
        cmocka_unit_test(a_controller_has_to_be_registered),
        cmocka_unit_test(partitions_out_of_sync_and_offline_are_counted),
        cmocka_unit_test(zookeepers_need_a_majority_for_a_failover),
        cmocka_unit_test(
            brokers_that_have_replicas_are_missed_and_all_is_sorted),
        cmocka_unit_test(what_is_not_in_sync_is_listed),
        cmocka_unit_test(names_from_outside_are_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
