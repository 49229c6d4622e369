import MartletCore
import MartletRDD
import Testing

@Suite struct SmokeTests {
  @Test func `smoke`() throws {
    let sc = MartletContext(master: "local[3]", appName: "test")
    let a = sc.parallelize(0..<3000, 7)
    #expect(try a.mapPartitions { $0.lazy.map { $0 + 1 } }.collect() == Array(1...3000))
    #expect(try a.mapPartitions { [$0.reduce(0, +)] }.collect().reduce(0, +) == 3000 * 2999 / 2)
    #expect(try a.glom().collect().count == 7)
    #expect(try a.repartition(4).glom().collect().map(\.count).allSatisfy { (745...755).contains($0) })
    #expect(try a.coalesce(3).glom().collect().map(\.count).count == 3)
    #expect(try a.union(a).count() == 6000)
    #expect(try a.zipWithIndex().collect().allSatisfy { $0.0 == $0.1 })
    let p = a.map { ($0 % 10, $0) }
    #expect(try p.groupByKey().mapValues(\.count).collect().allSatisfy { $0.1 == 300 })
    #expect(try p.join(p).count() == 10 * 300 * 300)
    #expect(try p.filter { $0.0 < 5 }.fullOuterJoin(p.filter { $0.0 >= 5 }).count() == 3000)
    #expect(try p.leftOuterJoin(p.filter { $0.0 >= 5 }).filter { $0.1.1 == nil }.count() == 1500)
    let agg = try p.aggregateByKey((sum: 0.0, count: 0)) {
      ($0.sum + Double($1), $0.count + 1)
    } _: {
      ($0.sum + $1.sum, $0.count + $1.count)
    }.collect()
    #expect(agg.count == 10)
    #expect(throws: MartletError.self) { try p.reduceByKey(+, 0).collect() }
  }
}
