// DeleteRecords BROKER TOPIC OFFSET - as retention would: delete what lies
// before the offset in partition 0, by Kafka's own admin API.

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

class DeleteRecords {
    public static void main(String[] args) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            admin.deleteRecords(Map.of(new TopicPartition(args[1], 0),
                RecordsToDelete.beforeOffset(Long.parseLong(args[2]))))
                .all().get();
        }
    }
}
