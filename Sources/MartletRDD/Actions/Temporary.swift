import MartletCore
extension RDD {
  public func take(_ n: Int) throws -> [Element] { Array(try collect().prefix(n)) }
}
extension MartletContext {
  public func union<E: Sendable>(_ rdds: [RDD<E>]) -> RDD<E> { rdds.first ?? emptyRDD() }
}
