"""Common given names, by which a list of persons is told from a list of firms, places or things."""

_JAPANESE = """
太郎 一郎 次郎 二郎 三郎 健一 健二 健太 健太郎 健 健司 健吾 翔太 翔 翔平 大輔 大樹 大地 大和 大翔 大介 拓也 拓海 拓真 拓郎
達也 達郎 直樹 直人 直也 直美 直子 直 和也 和彦 和子 和夫 和男 和美 和代 和樹 和真 正 正雄 正男 正樹 正人 正美 正子 正和 正明 雅人
雅彦 雅之 雅美 雅子 雅樹 雅也 誠 誠一 誠司 隆 隆志 隆之 隆行 孝 孝之 孝子 孝志 崇 貴 貴之 貴子 貴大 浩 浩一 浩二 浩之 浩司
博 博之 博文 博子 博美 弘 弘之 弘子 弘美 裕 裕一 裕二 裕之 裕子 裕美 裕樹 裕太 裕介 祐介 祐子 勇 勇気 勇人 勇太 茂 茂樹 実 稔
豊 進 清 清美 清子 昇 昭 昭夫 昭子 明 明美 明子 明日香 明彦 亮 亮太 亮介 涼 涼太 涼子 涼介 涼平 良 良子 良太 良平 諒 修 修一 修平
修司 修二 聡 聡子 聡美 聡太 聡太郎 悟 智 智子 智美 智之 智也 智史 敏 敏夫 敏子 敏之 俊 俊介 俊夫 俊之 俊彦 恵 恵子 恵美 恵美子
恵理 恵理子 恵太 幸 幸子 幸一 幸雄 幸男 幸恵 幸太郎 康 康弘 康夫 康子 康平 靖 靖子 泰 泰子 泰之 保 守 学 徹 哲 哲也 哲郎 哲夫
剛 剛志 毅 武 武志 武史 武夫 猛 洋 洋一 洋子 洋介 洋平 洋之 陽子 陽一 陽介 陽平 陽太 陽向 陽菜 陽葵 陽翔 秀樹 秀明 秀雄 秀夫 英樹
英二 英明 英子 英雄 英之 栄子 栄一 純 純一 純子 淳 淳一 淳子 順子 順一 潤 準 仁 仁志 均 等 薫 忍 司 治 譲 満 光 光男 光雄 光子
美穂 美香 美咲 美紀 美樹 美奈子 美智子 美代子 美和 美和子 美加子 美由紀 美幸 美保 美里 美月 美羽 美桜 久美 久美子 久子 真由美 真由
真理 真理子 真美 真奈美 真一 真也 真司 真央 真帆 万里子 由美 由美子 由紀 由紀子 由香 由香里 由佳 由里子 有紀 有美 有希 友美 友子 友香
友紀 優 優子 優太 優香 優奈 優花 優斗 悠 悠斗 悠人 悠真 悠太 結衣 結子 結菜 結愛 結花 唯 文 文子 文夫 文雄 文彦 史郎 史子 節子 節 千代
千代子 千恵 千恵子 千尋 千夏 千春 千秋 千佳 千鶴 春香 春子 春樹 夏美 夏希 夏子 秋子 冬美 桃子 桃香 桜 さくら 葵 茜 楓 梓 遥 遥香 遥斗
愛 愛子 愛美 彩 彩香 彩子 彩花 綾 綾子 綾香 舞 舞子 麻衣 麻衣子 麻美 麻里 麻里子 亜美 亜由美 亜希子 亜紀 亜矢 奈々 奈々子 奈美 奈緒 奈緒子
七夏 菜々子 菜摘 里美 里佳 里奈 里子 理恵 理沙 理子 理香 莉子 莉奈 梨花 梨奈 玲奈 玲子 玲 怜 令子 礼子 典子 紀子 法子 規子 範子 則子 律子
律 育子 郁子 悦子 絵美 絵里 絵里子 絵理 江美 香 香織 香奈 香代子 佳子 佳奈 佳代子 佳織 加奈 加奈子 加代子 歌織 京子 京香 恭子 恭平 響子
景子 圭 圭介 圭子 桂子 啓 啓介 啓太 啓子 敬 敬子 敬太 慶太 慶子 慎 慎一 慎也 慎吾 慎太郎 信 信一 信子 信夫 信也 晋 伸 伸一 伸也 新一
新太郎 真吾 晃 晃一 昌子 昌也 昌弘 章 章子 彰 暁 晶 晶子 晴美 晴香 晴子 初枝 花 花子 花音 華子 華 蓮 凛 凜 湊 樹 奏 奏太 蒼 蒼太 碧 朝陽
律子 颯太 颯 颯真 海斗 海翔 陸 陸斗 隼人 隼 瑛太 暖 紬 芽依 澪 杏 杏奈 咲 咲良 咲希 心春 心愛 琴音 瞳 望 望美 希 希美 歩 歩美 渚 岬
静 静子 静香 弥生 皐月 道子 路子 充 光代 照子 照美 照夫 輝 輝彦 輝美 富子 富美子 登 登美子 ひとみ ひろみ ひろし ひろこ ひなた ひかる ひかり
ひまり ひより ゆい ゆうこ ゆうき ゆうた ゆり ゆりこ ゆか ゆき ゆかり ゆみ ゆみこ かおり かおる かずみ かずこ かなえ かな さゆり さやか
さおり さとみ さちこ さつき しのぶ しおり すみれ すみえ せつこ たかし たけし ちえ ちえこ ちひろ つばさ ともこ ともみ なおみ なおこ なおき なつみ
なつき なな ななみ のぞみ のりこ はるか はるな はるみ はるき まこと まさこ まさし まさみ まさる まどか まなみ まみ まゆ まゆみ まり まりこ
まりな まき みか みき みさき みさと みずき みどり みな みなみ みほ みゆき みわ みのり みつこ めぐみ めい もえ やすこ ゆずき よしこ よしえ
よしみ りえ りか りさ りな りん れい れいこ れな わかな くみ くみこ けいこ けい けんじ けんた あい あいこ あおい あかね あかり あきこ あきら あけみ
あすか あずさ あつこ あつし あやか あやこ あやの あやめ いずみ いくこ えみ えみこ えり えりか えりこ こころ こうじ こうた いちか いろは うた
義和 義男 義雄 義明 義之 義弘 喜代子 喜美子 吉男 芳子 芳江 芳美 好子 好美 佳弘 嘉子 善之 祥子 祥太 翔子 尚子 尚樹 尚 久 久男 久雄 永遠
亨 享 透 亘 航 航平 航太 渉 歩夢 篤 篤司 篤志 敦 敦子 敦司 厚 厚子 温子 篤史 零 翼 幹 幹夫 幹雄 幹太 治郎 京助 龍 龍之介 龍太郎 竜也 竜太
龍也 琢磨 琢也 卓 卓也 力 力也 強 剛士 耕平 耕一 耕太郎 光一 公一 公子 功 宏 宏之 宏美 宏樹 紘一 広子 広志 弘樹 鉄也 哲平 寛 寛之 寛子 寛人
勝 勝也 勝美 勝男 勝彦 克己 克也 勉 努 務 元気 元 源太 玄 弦 元子 巌 岩男 一男 一雄 一夫 一樹 一也 一平 一真 一輝 一美 一子 二三子 三千代
倫子 倫太郎 凌 凌太 凌平 怜奈 琉生 瑠奈 璃子 瑞希 瑞穂 睦 睦美 睦子 美鈴 美晴 美紗 美沙 美沙子 美帆 美緒 美雪 美佐子 美恵 美恵子 美江 美枝子
美津子 光江 光恵 百合子 百合 百花 萌 萌子 萌香 未来 未央 未希 麗子 麗 藍 蘭 林太郎 綾乃 文乃 志乃 志保 志穂 志織 詩織 志帆 詩 沙織 沙也加
沙耶 沙紀 早紀 早苗 早希 紗季 紗希 紗英 幸代 幸江 佐知子 佐和子 左千夫 咲子 小百合 小雪 初美 初子 朋子 朋美 朋也 知子 知美 知実 知世 知恵 智恵
智恵子 貴美子 貴史 貴志 喬 昂 昴 仁美 均子 妙子 多恵子 多美子 民子 珠美 環 円 円香 遼 遼太 遼太郎 嶺 諭 壮 壮太 壮一 総一郎 創 創太 惣一 蔵之介
"""

_WESTERN = """
James John Robert Michael William David Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark Donald
Steven Steve Paul Andrew Andy Joshua Kenneth Kevin Brian George Edward Ronald Timothy Tim Jason Jeffrey Jeff Ryan Jacob
Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Ben Samuel Sam Gregory Greg Frank Alexander Alex
Raymond Patrick Jack Dennis Jerry Tyler Aaron Jose Adam Nathan Henry Douglas Zachary Peter Kyle Walter Ethan Jeremy Harold
Keith Christian Roger Noah Gerald Carl Terry Sean Austin Arthur Lawrence Jesse Dylan Bryan Joe Jordan Billy Bruce Albert
Willie Gabriel Logan Alan Juan Wayne Roy Ralph Randy Eugene Vincent Russell Elijah Louis Bobby Philip Phillip Johnny Derek
Derrick Shawn Shane Travis Marcus Connor Harry Oliver Liam Oscar Leo Max Lewis Callum Hugh Ian Graham Simon Martin Stuart
Colin Craig Darren Dean Derek Duncan Gavin Geoffrey Gordon Howard Leonard Malcolm Neil Nigel Norman Owen Reece Rhys Ross
Stanley Trevor Victor Warren Ricky Danny Brett Chad Cody Corey Curtis Dale Dustin Edwin Erik Fred Frederick Garrett Glenn
Grant Jared Jay Jeremiah Jim Jimmy Joel Jon Kurt Lance Lee Luis Luke Marc Mario Marvin Melvin Micheal Miguel Mike Mitchell
Randall Ray Ricardo Rick Rodney Ruben Seth Spencer Ted Theodore Todd Tom Tommy Tony Troy Wesley Antonio Carlos Javier
Francisco Manuel Pedro Fernando Jorge Alejandro Diego Rafael Sergio Pablo Alvaro Andres Jesus Angel Felipe Hector Raul
Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret Ashley Kimberly
Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Dorothy Amy Kathleen Angela Shirley
Emma Brenda Pamela Nicole Anna Samantha Katherine Christine Debra Rachel Carolyn Janet Maria Olivia Heather Helen Catherine
Diane Julie Victoria Joyce Lauren Kelly Christina Ruth Joan Virginia Judith Evelyn Hannah Andrea Megan Cheryl Jacqueline
Madison Teresa Abigail Sophia Martha Sara Gloria Janice Kathryn Ann Anne Isabella Judy Charlotte Julia Grace Amber Alice
Jean Denise Frances Danielle Marilyn Natalie Beverly Diana Brittany Theresa Kayla Alexis Doris Lori Tiffany Tammy Jane Rose
Claire Lucy Chloe Ellie Leah Sally Wendy Zoe Lorraine Leanne Joanne Joanna Gemma Hayley Holly Kerry Kirsty Lynn Lynne Maureen
April Bethany Bethan Bonnie Caitlin Carla Carrie Cassandra Cindy Connie Courtney Crystal Dana Dawn Desiree Erica Erin Erika
Gail Gina Glenda Heidi Jasmine Jenna Jill Jillian Jodi Jordan Katie Kathy Kristen Kristin Kristina Kristine Lindsay Lindsey
Lynn Marissa Mallory Mia Miranda Misty Molly Monica Morgan Natasha Paige Peggy Penny Rachael Renee Rita Robin Rosa Rosemary
Roxanne Sabrina Selena Shannon Sheila Shelby Sherry Sheri Sierra Sonya Sophie Stacey Stacy Sue Susanne Suzanne Sydney Tamara
Tanya Tara Taylor Tina Toni Tracey Tracy Valerie Vanessa Veronica Vicki Vickie Whitney Yolanda Yvonne Yvette Katy Katherine
Amelia Ava Isla Poppy Lily Jessie Freya Eva Ella Daisy Ruby Elsie Georgia Harriet Ivy Florence Matilda Zara Ian Archie Alfie
Hans Klaus Jürgen Jurgen Wolfgang Dieter Stefan Stephan Andreas Uwe Ulrich Ulrike Ursula Monika Petra Sabine Susanne Birgit
Heike Martina Claudia Anja Katja Katrin Silke Silvia Kerstin Ingrid Helga Gisela Renate Karin Brigitte Angelika Johannes
Jonas Lukas Felix Finn Paula Lena Lea Hannah Marie Clara Karl Heinz Horst Günter Gunter Werner Manfred Helmut Gerhard Bernd
Jens Torsten Thorsten Sven Kai Holger Ralf Rolf Rainer Matthias Tobias Sebastian Florian Dominik Fabian Philipp Niklas Lothar
Jean Pierre Michel Philippe Alain Nicolas Christophe Laurent Frédéric Frederic Stéphane Stephane Olivier Julien Pascal Thierry
Éric Sylvain Gilles Marc Antoine Guillaume François Francois Jacques Bernard Daniel Gérard Gerard Hugo Lucas Louis Jules Gabriel
Nathalie Isabelle Sylvie Catherine Valérie Valerie Sandrine Véronique Veronique Céline Celine Aurélie Aurelie Émilie Emilie
Camille Manon Léa Chloé Inès Margaux Mathilde Pauline Juliette Élodie Elodie Hélène Helene Monique Françoise Jacqueline Aimé
Marco Andrea Giuseppe Giovanni Francesco Alessandro Luca Matteo Lorenzo Davide Antonio Roberto Paolo Stefano Giulia Chiara
Francesca Sara Elena Alessia Valentina Silvia Paola Laura Anna Martina Federica Elisa Giorgia Carmen Isabel Pilar Lucía Lucia
Marta Cristina Beatriz Raquel Sofía Sofia Dolores Rosario Ana Inés Eduardo Enrique Ignacio Gonzalo Ramón Ramon Joaquín Joaquin
Jan Piet Willem Hendrik Johan Pieter Dirk Joris Bram Daan Sem Thijs Lars Anders Erik Olaf Nils Sofie Emma Anouk Fleur Sanne Lotte
Mohammed Mohamed Muhammad Ahmed Ali Hassan Hussein Omar Ibrahim Yusuf Fatima Aisha Aicha Khadija Mariam Amir Abdul Abdullah
Raj Rahul Amit Sanjay Priya Anita Sunita Deepak Vijay Anil Ravi Suresh Rajesh Neha Pooja Arjun Kumar Wei Ming Li Jing Min Yan Hui
Xin Yu Lin Mei Jun Hao Ying Minh Anh Linh Hoa Lan Thi Tuan Hung Duc Jae Min-jun Ji-woo Seo-yeon Hyun Jin Soo Young Sung Ivan Dmitri
Sergei Alexei Natalia Olga Tatiana Irina Svetlana Elena Anastasia Mikhail Vladimir Igor Oleg Piotr Krzysztof Anna Agnieszka
Hiroshi Takashi Kenji Taro Hanako Yuki Akira Satoshi Kazuo Yoko Keiko Naoko Tomoko Yumi Haruto Sakura Ken Mari Emi Naomi
"""

JAPANESE_GIVEN_NAMES = frozenset(_JAPANESE.split())
WESTERN_GIVEN_NAMES = frozenset(_WESTERN.split())
