# networks.bash - each broker of a drill's cluster has a network of its own, and
# the ZooKeepers have one. What one of them sends to another can be lost, or late.
# shellcheck shell=bash disable=SC2034,SC2154 # for cluster.bash; from drill.bash
#
# Sourced after cluster_feed.bash. It starts the drill again in namespaces of its
# own, where a bridge joins these networks: the drill and its clients are at
# 10.77.0.1, the ZooKeepers at 10.77.0.2, and broker N at 10.77.0.1N. All of it ends
# with the drill, however that ends, and the machine's own network is as before.
# Whoever is not root needs a kernel that lets users make namespaces.
#
# netem would lose and delay packets, too, but not every kernel has it.

if [ -z "${DRILL_NETWORKS:-}" ]; then
    own=(--net --mount --pid --fork --kill-child --mount-proc)
    ((EUID == 0)) || own+=(--user --map-root-user)
    unshare "${own[@]}" true || fail "namespaces are not allowed here: be root"
    DRILL_NETWORKS=yes DRILL_SEED=$seed exec unshare "${own[@]}" "$0"
fi

unset DRILL_CLUSTER # which is not in these networks
networks=$dir/networks
all_networks=(broker.1 broker.2 broker.3 zookeepers)

# address_of NETWORK
address_of() {
    case $1 in
    broker.*) echo "10.77.0.1${1#broker.}" ;;
    zookeepers) echo 10.77.0.2 ;;
    late) echo 10.77.0.3 ;;
    esac
}

# network_of broker|zookeeper N
network_of() {
    if [ "$1" = broker ]; then
        echo "broker.$2"
    else
        echo zookeepers
    fi
}

# in_network NETWORK COMMAND...
in_network() {
    nsenter --net="$networks/$1" "${@:2}"
}

host_of() {
    address_of "$(network_of "$@")"
}

# For a network that is late, brokers have a second address each: see late.
listening_host() {
    echo 0.0.0.0
}

in_node() {
    exec nsenter --net="$networks/$(network_of "$1" "$2")" "${@:3}"
}

make_networks() {
    local network address
    mkdir "$networks"
    ip link set lo up
    ip link add bridge type bridge
    ip address add 10.77.0.1/24 dev bridge
    ip link set bridge up
    for network in "${all_networks[@]}" late; do
        address=$(address_of "$network")
        touch "$networks/$network"
        unshare --net="$networks/$network" true
        ip link add "to-$network" master bridge type veth \
            peer name eth0 netns "$networks/$network"
        ip link set "to-$network" up
        in_network "$network" ip link set lo up
        in_network "$network" ip address add "$address/24" dev eth0
        in_network "$network" ip address add "10.77.1.${address##*.}/24" dev eth0
        in_network "$network" ip link set eth0 up
    done
    # It does not say that it has addresses of brokers.
    in_network late sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore'
}

# lose FROM TO: what network FROM sends to TO is lost: it goes to a station that
# is not there. find: it arrives again.
lose() {
    in_network "$1" ip neighbour replace "$(address_of "$2")" \
        lladdr 02:00:00:00:00:00 dev eth0 nud permanent
}

find_again() {
    in_network "$1" ip neighbour delete "$(address_of "$2")" dev eth0
}

# each_way lose|find_again BROKER HOW: HOW is "off", to and from all others, "mute",
# to them, "deaf", from them, or "zookeepers", to and from these alone. Clients
# reach the broker all the time.
each_way() {
    local network
    for network in "${all_networks[@]}"; do
        if [ "$network" = "broker.$2" ] ||
            [ "$3" = zookeepers ] && [ "$network" != zookeepers ]; then
            continue
        fi
        [ "$3" = deaf ] || "$1" "broker.$2" "$network"
        [ "$3" = mute ] || "$1" "$network" "broker.$2"
    done
}

# late BROKER MS: what it sends to the other brokers, and their answers, are late by
# that much, each way. What goes to their ports goes to a network with a proxy that
# has their addresses, and reaches them at their second ones. Connections that were
# there are reset, as nobody knows them there. in_time: no longer.
late() {
    local i port routes=()
    for i in $(others "$1"); do
        port=$(port_of broker "$i")
        routes+=("10.77.0.1$i:$port=10.77.1.1$i:$port")
        in_network late ip address replace "10.77.0.1$i/32" dev lo
        in_network "broker.$1" ip rule add ipproto tcp dport "$port" lookup 100
    done
    in_network "broker.$1" ip route replace default via 10.77.0.3 table 100
    nsenter --net="$networks/late" pf-proxy \
        -X "feed.routes=$(list_of "${routes[@]}")" \
        -X "feed.latency.ms=$2" 2>>"$dir/proxy.log" &
    proxy=$!
}

in_time() {
    local i
    for i in $(others "$1"); do
        in_network "broker.$1" ip rule delete ipproto tcp \
            dport "$(port_of broker "$i")" lookup 100
    done
    kill "$proxy"
    wait "$proxy" || fail "the proxy ended with code $?"
    in_network late ip address flush dev lo
}

make_networks
