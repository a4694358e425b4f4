// Create BROKER TOPIC[:PARTITIONS] SETTING=VALUE [...] - create topics with a
// setting of their own each, by Kafka's own admin API; one partition unless said.

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

class Create {
    public static void main(String[] args) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (int i = 1; i < args.length; i += 2) {
            String[] topic = args[i].split(":", 2);
            String[] setting = args[i + 1].split("=", 2);
            int partitions = topic.length == 1 ? 1 : Integer.parseInt(topic[1]);
            topics.add(new NewTopic(topic[0], partitions, (short) 1)
                .configs(Map.of(setting[0], setting[1])));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            admin.createTopics(topics).all().get();
        }
    }
}
