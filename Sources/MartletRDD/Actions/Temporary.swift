import MartletCore
extension RDD {
  public func take(_ n: Int) throws -> [Element] { Array(try collect().prefix(n)) }
}
