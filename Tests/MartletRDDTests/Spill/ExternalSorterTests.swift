import MartletCore
import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct ExternalSorterTests {
  private func sorted(_ elements: [(Int, Text)], budget: Int, _ folder: String) throws -> (result: [Int], runs: Int) {
    let sorter = ExternalSorter<(Int, Text)>(spillingContext(folder), budget: budget, maximumFanIn: 3) { $0.0 < $1.0 }
    try ArrayReader(elements).forEachChunk(sorter.add)
    let runs = sorter.runCount
    let all = try sorter.sorted().readAll().takeArray()
    return (try all.flatMap { [$0.0, try #require(Int("\($0.1)".dropFirst(20)))] }, runs)
  }

  @Test func `a sort on disk is stable and the same as one in memory`() throws {
    try withTemporaryFolder { (folder) throws in
      let elements = (0..<12_000).map { ($0 * 7919 % 1009, Text("a text of some length\($0)".prefix(20) + "\($0)")) }
      let (expected, none) = try sorted(elements, budget: .max, folder)
      #expect(none == 0)
      for (budget, least) in [(1, 11), (1 << 17, 2)] {
        let (result, runs) = try sorted(elements, budget: budget, folder)
        #expect(result == expected && runs >= least)
      }
      #expect(try Folder.names(folder) == [])
    }
  }

  @Test func `a comparison that throws ends the sort`() throws {
    struct Failure: Error {}
    try withTemporaryFolder { (folder) throws in
      for limit in [100, 40_000] {
        let counter = Counter()
        let sorter = ExternalSorter<String>(spillingContext(folder), budget: 1) { a, b in
          counter.count += 1
          if counter.count > limit { throw Failure() }
          return a < b
        }
        #expect(throws: Failure.self) {
          try ArrayReader((0..<5000).map { "number \($0 * 7919 % 5000)" }).forEachChunk(sorter.add)
          _ = try sorter.sorted().readAll()
        }
      }
    }
  }

  private final class Counter { var count = 0 }
}
