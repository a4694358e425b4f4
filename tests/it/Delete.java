// Delete BROKER TOPIC [OFFSET] - delete a topic, or as retention would what lies
// before the offset in its partition 0, by Kafka's own admin API.

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

class Delete {
    public static void main(String[] args) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            if (args.length == 2)
                admin.deleteTopics(List.of(args[1])).all().get();
            else
                admin.deleteRecords(Map.of(new TopicPartition(args[1], 0),
                    RecordsToDelete.beforeOffset(Long.parseLong(args[2]))))
                    .all().get();
        }
    }
}
