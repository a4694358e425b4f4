// Create BROKER TOPIC SETTING=VALUE [TOPIC SETTING=VALUE...] - create topics of
// one partition with a setting of their own each, by Kafka's own admin API.

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

class Create {
    public static void main(String[] args) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (int i = 1; i < args.length; i += 2) {
            String[] setting = args[i + 1].split("=", 2);
            topics.add(new NewTopic(args[i], 1, (short) 1)
                .configs(Map.of(setting[0], setting[1])));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            admin.createTopics(topics).all().get();
        }
    }
}
