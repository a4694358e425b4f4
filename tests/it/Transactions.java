// Transactions BROKER TOPIC - a producer of transactions, into partition 0, that
// a test steers. A line on standard input is an order, and is said again once
// it is done:
//
//     begin          begin a transaction
//     send N         send N prices, and wait until the broker has them
//     commit, abort  end it

import java.util.Map;
import java.util.Scanner;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

class Transactions {
    public static void main(String[] args) {
        Map<String, Object> settings = Map.of("bootstrap.servers", args[0],
            "transactional.id", "somebody-else", "transaction.timeout.ms",
            600_000); // the test ends it, however slow the machine is
        StringSerializer text = new StringSerializer();
        Scanner orders = new Scanner(System.in);

        try (KafkaProducer<String, String> producer =
                 new KafkaProducer<>(settings, text, text)) {
            producer.initTransactions();
            while (orders.hasNextLine()) {
                String[] order = orders.nextLine().split(" ");
                switch (order[0]) {
                case "begin" -> producer.beginTransaction();
                case "send" -> send(producer, args[1], order[1]);
                case "commit" -> producer.commitTransaction();
                case "abort" -> producer.abortTransaction();
                default -> throw new IllegalArgumentException(order[0]);
                }
                System.out.println(order[0]);
            }
        }
    }

    private static void send(KafkaProducer<String, String> producer,
                             String topic, String n) {
        for (int i = 0; i < Integer.parseInt(n); i++)
            producer.send(new ProducerRecord<>(topic, 0, null,
                "{\"match\": 555, \"price\": 5.55}"));
        producer.flush();
    }
}
