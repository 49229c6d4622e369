import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.streaming.api.java.JavaStreamingContext;

/**
 * The same file, repeatedly, as one batch of a folder stream. The next copy is put into the folder
 * when the previous batch is complete, so that batches never wait for each other.
 */
record FileBatches(Path scratch, Path file, int wanted) implements Peer.Mode {
  private record Done(WordCount.Totals totals, double seconds, double cpu) {}

  @Override
  public void run(JavaStreamingContext streaming, BatchLog log) throws Exception {
    Path watched = Files.createDirectory(scratch.resolve("watched"));
    Path aside = Files.createDirectory(scratch.resolve("aside"));
    BlockingQueue<Done> results = new LinkedBlockingQueue<>();
    WordCount.of(streaming.textFileStream(watched.toString())).foreachRDD(counts -> {
      double cpu = Readings.cpuSeconds();
      long began = System.nanoTime();
      WordCount.Totals totals = WordCount.totals(counts);
      if (totals.words() > 0) {
        results.add(new Done(totals, (System.nanoTime() - began) / 1e9, Readings.cpuSeconds() - cpu));
      }
    });
    streaming.start();

    double megabytes = Files.size(file) / 1e6;
    for (int batch = 1; batch <= wanted; batch++) {
      // The stream reads files that appear complete and are as young as their batch.
      Path copy = Files.copy(file, aside.resolve("text-" + batch));
      Files.setLastModifiedTime(copy, FileTime.fromMillis(System.currentTimeMillis()));
      Path moved = Files.move(copy, watched.resolve(copy.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      Done done = results.poll(5, TimeUnit.MINUTES);
      if (done == null) throw new IllegalStateException("no result within 5 minutes");
      if (batch == 1) System.out.printf("first-result sec=%.3f%n", Readings.secondsSinceStart());
      System.out.printf("files batch=%d words=%d distinct=%d sec=%.4f cpu=%.3f MB/s=%.1f%n", batch,
          done.totals.words(), done.totals.distinct(), done.seconds, done.cpu, megabytes / done.seconds);
      Files.delete(moved);
    }
  }
}
