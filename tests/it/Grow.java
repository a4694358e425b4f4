// Grow BROKER TOPIC N - let a topic have N partitions, by Kafka's own admin API.

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;

class Grow {
    public static void main(String[] args) throws Exception {
        int n = Integer.parseInt(args[2]);

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            admin.createPartitions(Map.of(args[1], NewPartitions.increaseTo(n)))
                .all().get();
        }
    }
}
