import kafka.server.KafkaConfig;

/**
 * Prints every name that the broker knows in server.properties, one a line
 * and sorted, from Kafka's own definition of them. The result is kept as
 * server-names.txt: the broker passes over names it does not know, so our
 * programs warn of them. `broker/server-names` runs this.
 */
class Names {
    public static void main(String[] args) {
        KafkaConfig.configDef().names().stream().sorted()
            .forEach(System.out::println);
    }
}
