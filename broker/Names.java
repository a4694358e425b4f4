import kafka.server.KafkaConfig;

/**
 * Prints every name that the broker knows in server.properties with the type
 * of its values, one a line and sorted, from Kafka's own definitions. The
 * result is kept as server-names.txt. The broker ignores names that it does
 * not know, so our programs warn of them; it fails on a value of another type,
 * so our programs report that before the start. `broker/server-names` runs
 * this.
 */
class Names {
    public static void main(String[] args) {
        KafkaConfig.configDef().configKeys().values().stream()
            .map(key -> key.name + " " + key.type).sorted()
            .forEach(System.out::println);
    }
}
