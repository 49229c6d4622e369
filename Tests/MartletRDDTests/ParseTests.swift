import MartletCore
import MartletRDD
import Testing

@Suite struct ParseTests {
  private let sc = MartletContext(master: "local[2]", appName: "test")

  @Test func `unreadable records of a table are set aside with the reason`() throws {
    let lines: RDD<Text> = sc.parallelize(["Berlin,3", "Bonn", "Köln,1", "Mainz,x"], 2)
    let cities = lines.parse { line in
      let columns = line.fields(separator: ",")
      guard columns.count == 2 else { throw MartletError(.corruptData, "\(columns.count) columns") }
      guard let people = Int(columns[1]) else { throw MartletError(.corruptData, "no number: \(columns[1])") }
      return (columns[0], people)
    }
    #expect(try cities.accepted.collectAsMap() == ["Berlin": 3, "Köln": 1])
    let rejected = try cities.rejected.collect()
    #expect(rejected.map(\.record) == ["Bonn", "Mainz,x"])
    #expect(rejected.map(\.reason) == ["1 columns", "no number: x"])
    #expect(rejected.first.map { "\($0)" } == "Bonn: 1 columns")
  }

  @Test func `a readable table has no records set aside`() throws {
    let numbers = sc.range(0, 5000, numSlices: 3).parse { $0 * 2 }
    #expect(try numbers.accepted.count() == 5000)
    #expect(try numbers.rejected.isEmpty())
    #expect(try sc.emptyRDD(of: Int.self).parse { $0 }.rejected.collect().isEmpty)
  }
}
