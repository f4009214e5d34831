/**
 * Text in a Postgres database is compared by its bytes, as SQLite does it, whatever the database's own language:
 * pages of calls then come in the same order everywhere, and an index serves `order by` and `<`.
 *
 * @module
 */
import {
  type ColumnDefinitionNode,
  DataTypeNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryId,
  type QueryResult,
  RawNode,
  type RootOperationNode,
  type UnknownRow,
} from 'kysely';

class Collator extends OperationNodeTransformer {
  protected override transformColumnDefinition(
    node: ColumnDefinitionNode,
    queryId?: QueryId,
  ): ColumnDefinitionNode {
    const definition = super.transformColumnDefinition(node, queryId);
    const { dataType } = definition;
    if (!DataTypeNode.is(dataType) || dataType.dataType !== 'text') return definition;
    return { ...definition, dataType: RawNode.createWithSql('text collate "C"') };
  }
}

/** Gives every text column that is made the collation "C". */
export class CCollation implements KyselyPlugin {
  readonly #collator = new Collator();

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    return this.#collator.transformNode(node, queryId);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}
