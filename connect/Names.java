import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.runtime.distributed.Crypto;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;

/**
 * Prints every name that a worker of Kafka Connect knows in connect.properties
 * with the type of its values, one a line and sorted, from Kafka Connect's own
 * definitions. The result is kept as names.txt; broker/Names.java says what for.
 * `connect/names` runs this.
 */
class Names {
    public static void main(String[] args) throws Exception {
        var config = DistributedConfig.class.getDeclaredMethod("config",
            Class.forName("org.apache.kafka.connect.runtime.distributed.Crypto"));
        config.setAccessible(true);
        ((ConfigDef) config.invoke(null, Crypto.SYSTEM)).configKeys().values()
            .stream().map(key -> key.name + " " + key.type).sorted()
            .forEach(System.out::println);
    }
}
