// Produce BROKER TOPIC <LINES - send records with timestamps of the caller's, in
// their order, by Kafka's own producer. Each line is TIMESTAMP KEY VALUE.

import java.util.Map;
import java.util.Scanner;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

class Produce {
    public static void main(String[] args) throws Exception {
        try (var in = new Scanner(System.in);
            var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", args[0]), new StringSerializer(),
                new StringSerializer())) {
            while (in.hasNextLine()) {
                String[] part = in.nextLine().split(" ", 3);

                producer.send(new ProducerRecord<>(args[1], 0,
                    Long.parseLong(part[0]), part[1], part[2])).get();
            }
        }
    }
}
