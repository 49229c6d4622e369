import MartletCore
import MartletRDD
import Testing

@Suite struct WordCountTests {
  @Test func `words are counted whatever the number of partitions`() throws {
    let sc = MartletContext(master: "local[3]", appName: "test")
    for slices in 1...7 {
      let lines = sc.parallelize((0..<100).map { Text(String(repeating: "a bb \($0 % 3) ", count: 5)) }, slices)
      let counts = try lines.flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+).collect()
      #expect(Dictionary(uniqueKeysWithValues: counts)[Text("bb")] == 500)
    }
  }
}
