import kafka.server.KafkaConfig;

/**
 * Prints every name that the broker knows in server.properties, one a line
 * and sorted, each with the type of its values, from Kafka's own definition of
 * them. The result is kept as server-names.txt: the broker passes over names
 * it does not know, so our programs warn of them, and it ends at a value of
 * another type, which they say beforehand. `broker/server-names` runs this.
 */
class Names {
    public static void main(String[] args) {
        KafkaConfig.configDef().configKeys().values().stream()
            .map(key -> key.name + " " + key.type).sorted()
            .forEach(System.out::println);
    }
}
