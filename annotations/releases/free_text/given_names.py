"""Given names that are common where sleep is scored, without those that are ordinary words."""

_WORDS = """
aaron abdul abdullah abigail adam adela adele adrian adriana agnes agnieszka ahmad ahmed aisha
aino akira alain alan albert alberto alejandro alena alessandro alessia alex alexander
alexandra alexandre alexis alfred alice alicia alison amanda amelie amina amir amy ana
anastasia anders andrea andreas andrei andrew andrzej andy angela angelika anita anja anke ann
anna annette annika anne anthony antoine anton antonia antonio arnaud arthur astrid aurelie
ayse barbara beata beatrice beatriz benjamin benoit bernard bernd bettina birgit bjorn bogdan
brian brigitte bruno camille carl carla carlos carmen carol carolina caroline catarina
catherine cecilia cecile charles charlotte chiara chloe chris christian christiane christina
christine christoph christophe christopher claire clara claudia claude clement constance
cristina daisuke damien daniel daniela danielle daria david deborah denis dennis derek diana
diego dieter dimitri dirk dmitry dominik dominique donald dorothea edith eduardo edward eileen
elena eleanor elias elif elisa elisabeth elise elizabeth ellen elodie emil emilia emilie emily
emma emmanuel enrique eric erik erika ernst estelle esther eugene eva evelyn fabian fabien
fabio fatima fatma federica federico felix fernanda fernando filip florence florian francesca
francesco francis francisco francois francoise frank franziska frederic fredrik friedrich
gabriel gabriela gabriele gary gemma george georges gerald gerard gerhard giovanni giulia
giuseppe gloria goran greta guillaume gunter gustav hanna hannah hans harald hassan heather
hector heidi heike heinz helen helena helene helga helmut henri henrik henry herbert hiroshi
hugo ian ibrahim igor ilona ines ingrid irene irina isabel isabella isabelle ivan jacek jacob
jacqueline jacques jakob james jan jana jane janet janina jasmin javier jean jeanne jeff
jeffrey jennifer jens jeremy jessica jesus jing joachim joan joanna joao jochen joel johan
johann johanna johannes john jolanda jonas jonathan jorge jose josef joseph josephine joshua
juan juha julia julian julie julien juliette jurgen justine kai karen karim karin karl karolina
katarina katarzyna kate katharina katherine kathrin katja kazuki keith kenji kenneth kerstin
kevin khalid kim klaus konrad kristian kristina krzysztof lars laura laurence laurent lena leo
leon leonardo leonie leticia liam lina linda linnea lisa liselotte louis louise luca lucas
lucia lucie luigi luis luise lukas lydia maciej magdalena malgorzata manfred manon manuel
manuela marc marcel marcelo marcin marco marcos marek margaret margarita margot maria mariam
mariana marianne marie marina mario marion marisa markus marta martha martin martina mary
mateusz mathias mathieu mathilde matteo matthew matthias maud maurice max maxime megan mehmet
mei melanie melissa mercedes michael michal michel michele michelle miguel mikael mike mikhail
milan milena mireille miriam mohamed mohammad mohammed monica monika monique mustafa nadia
nadine nancy natalia natalie natasha nathalie nathan nicholas nicola nicolas nicole niels nils
nina noah nora norbert odile olaf ole oleg olga oliver olivia olivier omar oscar oskar otto
pablo pamela paolo pascal pascale patricia patrick patrik paul paula paulina pauline pavel
pedro peter petra philip philipp philippe pierre piotr priya rachel rafael rainer ralf ramon
raphael raquel rebecca reinhard renate rene ricardo richard rita robert roberto rodrigo roger
roland rolf romain roman ronald rosa ruth ryan sabine sabrina salma samantha samuel sandra
sandrine sara sarah sasha satoshi scott sean sebastian sergei sergio sharon silke silvia simon
simone sofia sofie sonia sophie stanislav stefan stefanie stefano steffen stephan stephane
stephanie stephen steve steven susan susana susanne sven svetlana sylvain sylvia sylvie tanja
tatiana teresa thea theresa therese thierry thomas tim timothy tobias tom tomas tomasz torsten
ulrich ulrike ursula uwe valentina valerie vanessa vera veronica veronika veronique victor
victoria viktor vincent virginie vladimir waldemar walter wei wendy werner wilhelm william
wolfgang xavier yan yann yasmin yosef youssef yuki yusuf yves yvonne zoe zofia
"""

GIVEN_NAMES = frozenset(_WORDS.split())
