import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

const SNIPPET = `
import { App, Aspects, IAspect, Stack, Tags, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';

const app = new App();
const stack = new Stack(app, 'Stack');
const vpc = new ec2.Vpc(stack, 'Vpc', {
  maxAzs: 2,
  subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
});
const secret = secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'name');
const value = ecs.Secret.fromSecretsManager(secret);
const bucket = new s3.Bucket(stack, 'Bucket', { enforceSSL: true });
const first = vpc.isolatedSubnets[0].subnetId;
for (const subnet of vpc.isolatedSubnets) {
  subnet.node.addDependency(bucket);
}
vpc.node.defaultChild?.node.addMetadata('places', ['a', 'b']);
const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
group.connections.allowFromAnyIpv4(ec2.Port.tcp(443));
Validations.of(bucket).acknowledge({ id: 'rule', reason: 'why' });
stack.with();

class Aspect implements IAspect {
  readonly name = 'aspect';

  visit(node: IConstruct): void {
    Validations.of(node).acknowledge({ id: this.name, reason: 'why' });
    Tags.of(node).add('name', this.name);
  }
}
Aspects.of(stack).add(new Aspect());
`.trim();

const PROGRAM = `
import { translateTypeScript } from 'jsii-rosetta';
import { CSharp } from './scripts/rosetta/csharp.mjs';
import { Go } from './scripts/rosetta/go.mjs';
import { Java } from './scripts/rosetta/java.mjs';
import { Python } from './scripts/rosetta/python.mjs';
import './scripts/rosetta/register.mjs';

const source = { fileName: 'snippet.ts', contents: process.argv[1] };
const answer = [Go, Java, Python, CSharp].map((Visitor) => translateTypeScript(source, new Visitor()).translation);
console.log(JSON.stringify(answer));
`;

describe('translations of snippets', () => {
  const [go, java, python, csharp] = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, SNIPPET], {
      cwd: ROOT,
      encoding: 'utf8',
    }),
  ) as string[];

  test('to C# loop over a list', () => {
    expect(csharp).toContain('foreach (var subnet in vpc.IsolatedSubnets)\n{');
  });

  test('to Java import all types and qualify one of two with the same name', () => {
    expect(java).toMatchInlineSnapshot(`
      "import java.util.List;
      import software.amazon.awscdk.Acknowledgment;
      import software.amazon.awscdk.App;
      import software.amazon.awscdk.Aspects;
      import software.amazon.awscdk.IAspect;
      import software.amazon.awscdk.Stack;
      import software.amazon.awscdk.Tags;
      import software.amazon.awscdk.Validations;
      import software.amazon.awscdk.services.ec2.ISubnet;
      import software.amazon.awscdk.services.ec2.Port;
      import software.amazon.awscdk.services.ec2.SecurityGroup;
      import software.amazon.awscdk.services.ec2.SubnetConfiguration;
      import software.amazon.awscdk.services.ec2.SubnetType;
      import software.amazon.awscdk.services.ec2.Vpc;
      import software.amazon.awscdk.services.s3.Bucket;
      import software.amazon.awscdk.services.secretsmanager.ISecret;
      import software.amazon.awscdk.services.secretsmanager.Secret;
      import software.constructs.IConstruct;

      App app = new App();
      Stack stack = new Stack(app, "Stack");
      Vpc vpc = Vpc.Builder.create(stack, "Vpc")
              .maxAzs(2)
              .subnetConfiguration(List.of(SubnetConfiguration.builder().name("Isolated").subnetType(SubnetType.PRIVATE_ISOLATED).build()))
              .build();
      ISecret secret = Secret.fromSecretNameV2(stack, "Secret", "name");
      software.amazon.awscdk.services.ecs.Secret value = software.amazon.awscdk.services.ecs.Secret.fromSecretsManager(secret);
      Bucket bucket = Bucket.Builder.create(stack, "Bucket").enforceSsl(true).build();
      String first = vpc.getIsolatedSubnets().get(0).getSubnetId();
      for (ISubnet subnet : vpc.getIsolatedSubnets()) {
          subnet.getNode().addDependency(bucket);
      }
      vpc.getNode().getDefaultChild().getNode().addMetadata("places", List.of("a", "b"));
      SecurityGroup group = SecurityGroup.Builder.create(stack, "Group").vpc(vpc).build();
      group.getConnections().allowFromAnyIpv4(Port.tcp(443));
      Validations.of(bucket).acknowledge(Acknowledgment.builder().id("rule").reason("why").build());
      stack.with();

      public class Aspect implements IAspect {
          private String name = "aspect";

          public void visit(IConstruct node) {
              Validations.of(node).acknowledge(Acknowledgment.builder().id(this.name).reason("why").build());
              Tags.of(node).add("name", this.name);
          }
      }
      Aspects.of(stack).add(new Aspect());"
    `);
  });

  test('to Go import packages, have pointers, and nil for what is left out', () => {
    expect(go).toMatchInlineSnapshot(`
      "import (
      	"github.com/aws/aws-cdk-go/awscdk/v2"
      	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
      	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
      	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
      	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
      	"github.com/aws/constructs-go/constructs/v10"
      	"github.com/aws/jsii-runtime-go"
      )

      app := awscdk.NewApp(nil)
      stack := awscdk.NewStack(app, jsii.String("Stack"), nil)
      vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{
      	MaxAzs: jsii.Number(2),
      	SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
      		&awsec2.SubnetConfiguration{
      			Name: jsii.String("Isolated"),
      			SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED,
      		},
      	},
      })
      secret := awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Secret"), jsii.String("name"))
      value := awsecs.Secret_FromSecretsManager(secret, nil)
      bucket := awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{
      	EnforceSSL: jsii.Bool(true),
      })
      first := (*vpc.IsolatedSubnets())[0].SubnetId()
      for _, subnet := range *vpc.IsolatedSubnets() {
      	subnet.Node().AddDependency(bucket)
      }
      vpc.Node().DefaultChild().Node().AddMetadata(jsii.String("places"), &[]interface{}{
      	jsii.String("a"),
      	jsii.String("b"),
      }, nil)
      group := awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{
      	Vpc: vpc,
      })
      group.Connections().AllowFromAnyIpv4(awsec2.Port_Tcp(jsii.Number(443)), nil)
      awscdk.Validations_Of(bucket).Acknowledge(&awscdk.Acknowledgment{
      	Id: jsii.String("rule"),
      	Reason: jsii.String("why"),
      })
      stack.With()

      type aspect struct {
      	name *string
      }

      func (this *aspect) Visit(node constructs.IConstruct) {
      	awscdk.Validations_Of(node).Acknowledge(&awscdk.Acknowledgment{
      		Id: this.name,
      		Reason: jsii.String("why"),
      	})
      	awscdk.Tags_Of(node).Add(jsii.String("name"), this.name, nil)
      }
      awscdk.Aspects_Of(stack).Add(&aspect{name: jsii.String("aspect")}, nil)"
    `);
  });

  test('to Python have structs as variadic arguments, and names that are no keywords', () => {
    expect(python).toMatchInlineSnapshot(`
      "from aws_cdk import Acknowledgment, Acknowledgment
      import jsii
      from aws_cdk import App, Aspects, IAspect, Stack, Tags, Validations
      import aws_cdk.aws_ec2 as ec2
      import aws_cdk.aws_ecs as ecs
      import aws_cdk.aws_s3 as s3
      import aws_cdk.aws_secretsmanager as secretsmanager
      from constructs import IConstruct

      app = App()
      stack = Stack(app, "Stack")
      vpc = ec2.Vpc(stack, "Vpc",
          max_azs=2,
          subnet_configuration=[ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)]
      )
      secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "name")
      value = ecs.Secret.from_secrets_manager(secret)
      bucket = s3.Bucket(stack, "Bucket", enforce_ssl=True)
      first = vpc.isolated_subnets[0].subnet_id
      for subnet in vpc.isolated_subnets:
          subnet.node.add_dependency(bucket)
      vpc.node.default_child.node.add_metadata("places", ["a", "b"])
      group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
      group.connections.allow_from_any_ipv4(ec2.Port.tcp(443))
      Validations.of(bucket).acknowledge(Acknowledgment(id="rule", reason="why"))
      stack.with_()

      @jsii.implements(IAspect)
      class Aspect:
          @property
          def name(self):
              return "aspect"

          def visit(self, node):
              Validations.of(node).acknowledge(Acknowledgment(id=self.name, reason="why"))
              Tags.of(node).add("name", self.name)
      Aspects.of(stack).add(Aspect())"
    `);
  });
});
